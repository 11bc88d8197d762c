/** What comes before the scan of a baseline JPEG. */
export interface Header {
  readonly width: number;
  readonly height: number;
  /** One, of grey; or luma and two of chroma. */
  readonly components: readonly Component[];
  /** MCUs between restart markers; 0 without any. */
  readonly restartInterval: number;
  /** Where the scan begins. */
  readonly scan: number;
}

export interface Component {
  /** Blocks of an MCU. */
  readonly h: number;
  readonly v: number;
  /** In the order of the file, [64]. */
  readonly quantisation: Uint16Array;
  readonly dc: Codes;
  readonly ac: Codes;
}

/** A table of Huffman codes. */
export interface Codes {
  /** How many have each length, [17]; 0 have none. */
  readonly counts: Uint8Array;
  /** In the order of their codes. */
  readonly symbols: Uint8Array;
}

interface Declared {
  readonly id: number;
  readonly h: number;
  readonly v: number;
  readonly table: number;
}

const SOI = 0xd8;
const SOF0 = 0xc0;
const DHT = 0xc4;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const APP0 = 0xe0;
const APP14 = 0xee;
const APP15 = 0xef;
const COM = 0xfe;

const ascii = (bytes: Uint8Array, text: string): boolean => [...text].every((letter, i) => bytes[i] === letter.charCodeAt(0));

/**
 * Reads the header of a JPEG of the usual kind: baseline, 8 bits, one scan, grey or YCbCr with luma at 1 x 1, 2 x 1 or 2 x 2.
 * Undefined for others, and for whatever is not as it should be.
 */
export function readHeader(bytes: Uint8Array): Header | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return undefined;
  const quantisation = new Map<number, Uint16Array>();
  const codes = new Map<number, Codes>();
  let frame: { readonly width: number; readonly height: number; readonly declared: readonly Declared[] } | undefined;
  let restartInterval = 0;
  let jfif = false;
  let adobe = false;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    const end = at + 2 + word(bytes, at + 2);
    const body = bytes.subarray(at + 4, end);
    if (end > bytes.length || end < at + 4) return undefined;
    if (marker === DQT) {
      if (!readQuantisation(body, quantisation)) return undefined;
    } else if (marker === DHT) {
      if (!readCodes(body, codes)) return undefined;
    } else if (marker === SOF0) {
      frame = frame === undefined ? readFrame(body) : undefined;
      if (frame === undefined) return undefined;
    } else if (marker === DRI) {
      if (body.length !== 2) return undefined;
      restartInterval = word(body, 0);
    } else if (marker === APP0) {
      jfif ||= ascii(body, 'JFIF');
    } else if (marker === APP14) {
      // 1 says YCbCr.
      if (ascii(body, 'Adobe') && body[11] !== 1) return undefined;
      adobe ||= ascii(body, 'Adobe');
    } else if (marker === SOS) {
      if (frame === undefined || !(jfif || adobe || numbered(frame.declared))) return undefined;
      const components = componentsOf(body, frame.declared, quantisation, codes);
      return components === undefined ? undefined : { width: frame.width, height: frame.height, components, restartInterval, scan: end };
    } else if (!((marker > APP0 && marker <= APP15) || marker === COM)) return undefined;
    at = end;
  }
  return undefined;
}

/** Without a word on colours, components 1, 2, 3 are YCbCr. */
const numbered = (declared: readonly Declared[]): boolean => declared.length === 1 || declared.every(({ id }, i) => id === i + 1);

const word = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

function readQuantisation(body: Uint8Array, tables: Map<number, Uint16Array>): boolean {
  for (let at = 0; at < body.length; at += 65) {
    // The upper half of the first byte is 1 for words.
    if (body[at]! > 3 || at + 65 > body.length) return false;
    tables.set(body[at]!, Uint16Array.from(body.subarray(at + 1, at + 65)));
  }
  return true;
}

function readCodes(body: Uint8Array, tables: Map<number, Codes>): boolean {
  for (let at = 0; at < body.length;) {
    if (at + 17 > body.length) return false;
    const counts = Uint8Array.from(body.subarray(at, at + 17));
    const id = counts[0]!;
    counts[0] = 0;
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = body.subarray(at + 17, at + 17 + total);
    if (symbols.length !== total || total > 256 || !fits(counts)) return false;
    tables.set(id, { counts, symbols });
    at += 17 + total;
  }
  return true;
}

/** No length has more codes than the shorter ones leave, and none is of ones alone. */
function fits(counts: Uint8Array): boolean {
  let free = 1;
  for (let length = 1; length <= 16; length++) {
    free = 2 * free - counts[length]!;
    if (free < 1) return false;
  }
  return true;
}

function readFrame(body: Uint8Array): { width: number; height: number; declared: Declared[] } | undefined {
  const [height, width, count] = [word(body, 1), word(body, 3), body[5]!];
  if (body[0] !== 8 || !(height > 0 && width > 0) || body.length !== 6 + 3 * count) return undefined;
  const declared = Array.from({ length: count }, (_, i): Declared => {
    const [id, factors, table] = [...body.subarray(6 + 3 * i)] as [number, number, number];
    return { id, h: factors >> 4, v: factors & 15, table };
  });
  const sampling = declared.map(({ h, v }) => `${h}x${v}`).join(' ');
  if (!['1x1', '1x1 1x1 1x1', '2x1 1x1 1x1', '2x2 1x1 1x1'].includes(sampling)) return undefined;
  // So narrow images are widened in another way.
  if (declared[0]!.h === 2 && width <= 4) return undefined;
  return { width, height, declared };
}

function componentsOf(
  body: Uint8Array,
  declared: readonly Declared[],
  quantisation: ReadonlyMap<number, Uint16Array>,
  codes: ReadonlyMap<number, Codes>,
): Component[] | undefined {
  const n = declared.length;
  const spectrum = [...body.subarray(1 + 2 * n)].join(' ');
  if (body[0] !== n || spectrum !== '0 63 0') return undefined;
  const found: Component[] = [];
  for (const [i, { id, h, v, table }] of declared.entries()) {
    const chosen = body[2 + 2 * i]!;
    const steps = quantisation.get(table);
    const dc = codes.get(chosen >> 4);
    const ac = codes.get(0x10 | (chosen & 15));
    if (body[1 + 2 * i] !== id || steps === undefined || dc === undefined || ac === undefined) return undefined;
    found.push({ h, v, quantisation: steps, dc, ac });
  }
  return found;
}
