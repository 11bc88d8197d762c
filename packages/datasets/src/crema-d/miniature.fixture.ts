import { put, putFrames, putSound } from '../clips/miniature.fixture.js';
import { EMOTIONS } from './list.js';

/** Clips of a few actors: actor and emotion decide pitch and colour. */
export const clipsOf = (actors: readonly number[]): string[] =>
  actors.flatMap((actor) => EMOTIONS.map((emotion) => `${actor}_IEO_${emotion}_XX`));

/** The sounds and frames of clips, as they lie in the folders that circulate. */
export async function writeClips(
  root: string,
  clips: readonly string[],
  { sounds = 'AudioWAV', frames = 'Image-01-FPS' } = {},
): Promise<void> {
  for (const clip of clips) {
    const emotion = EMOTIONS.findIndex((name) => clip.includes(`_${name}_`));
    putSound(root, `${sounds}/${clip}.wav`, { hertz: 200 * (emotion + 1) });
    const names = [0, 29, 58].map((frame) => `${frames}/${clip}/${String(frame).padStart(5, '0')}.jpg`);
    await putFrames(root, names, [40 * emotion, 255 - 40 * emotion, 128]);
  }
}

/** A list as it circulates: no header, CRLF, and a byte-order mark where one is asked for. */
export const csvList = (clips: readonly string[], mark = ''): string =>
  mark + clips.map((clip) => `${clip},${clip.split('_')[2]!}\r\n`).join('');

/** A folder with 18 training and 6 test clips; `annotations/` holds the lists. */
export async function writeCremaD(root: string): Promise<void> {
  const [train, test] = [clipsOf([1001, 1002, 1003]), clipsOf([1004])];
  await writeClips(root, [...train, ...test]);
  put(root, 'annotations/train.csv', csvList(train, '\ufeff'));
  put(root, 'annotations/test.csv', csvList(test));
}
