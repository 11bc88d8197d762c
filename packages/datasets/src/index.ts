export { datasets as default, datasets } from './plugin.js';
export { syntheticAv, syntheticAvOptions, type SyntheticAvOptions } from './synthetic-av/synthetic-av.js';
export { synthetic } from './synthetic/synthetic.js';
export { syntheticOptions, type SyntheticOptions } from './synthetic/options.js';
export { sarcasm, sarcasmOptions, type SarcasmOptions } from './sarcasm/sarcasm.js';
export { twitter2015, twitter2015Options, type Twitter2015Options } from './twitter2015/twitter2015.js';
export { avMnistStyle, avMnistStyleOptions, type AvMnistStyleOptions } from './av-mnist-style/av-mnist-style.js';
export { features } from './features/features.js';
export { featuresOptions, type FeaturesOptions } from './features/options.js';
export { fingerprint, InMemorySplit, type ModalityRows } from './split/in-memory.js';
export { carveValidation, type Carved, type CarveOptions } from './split/carve.js';
export { pooledLogMagnitude, Stft, tile, type PadMode, type Spectrogram, type StftOptions, type WindowName } from './front-ends/stft.js';
export { principalComponents, reconstruct, type PrincipalComponents } from './front-ends/pca.js';
export { wordPiece, type WordPieceOptions } from './front-ends/word-piece/word-piece.js';
export { bytePair, type BytePairOptions } from './front-ends/byte-pair/byte-pair.js';
export { type TextEncoder } from './front-ends/text/text.js';
export { gaussianSource, noiseDeviation } from './front-ends/noise.js';
export type { NdArray, NumericData } from './readers/bytes.js';
export { csvNumbers, parseCsv, readCsv, type CsvOptions, type CsvTable } from './readers/csv.js';
export { parseIdx, readIdx } from './readers/idx.js';
export { matNumeric, parseMat, readMat, type MatValue } from './readers/mat.js';
export { parseNpy, parseNpz, readNpy, readNpz } from './readers/npy.js';
export { parseWav, readWav, type Wav } from './readers/wav.js';
export { mediaDataset, fillCache, mediaFingerprint, type MediaDatasetParts, type MediaRows } from './media/dataset.js';
export { MediaReader, MediaSplit, type MediaModality } from './media/split.js';
export {
  defineLoader,
  type Decoded,
  type LoaderDefinition,
  type MediaLoader,
  type MediaSource,
  type Plain,
  type ReadContext,
} from './media/loader.js';
export { MediaCache, mediaCacheFolder } from './media/cache.js';
export { mediaCacheLimit } from './media/room/limit.js';
export { defaultWorkers, ReadingPool } from './media/pool.js';
export { mediaOptions, type MediaOptions } from './media/options.js';
export { soundLoader, soundShape, type SoundFrontEnd, type SoundOptions } from './media/sound/sound.js';
export { framesLoader, framesShape, type Augmentation, type Fit, type FramesOptions } from './media/frames/frames.js';
export { decodeImage, readImage, type DecodeOptions } from './images/decode.js';
export { parseBmp } from './images/bmp.js';
export { IMAGE_ENDINGS, listFiles, type FileOrder } from './images/list.js';
export * from './front-ends/image/image.js';
export { resize, shorterSide, type Filter } from './front-ends/image/resize.js';
export {
  centreBox,
  centreCrop,
  DEFAULT_AREA,
  randomAreaBox,
  randomBox,
  randomResizedCrop,
  type RandomArea,
} from './front-ends/image/random.js';
export { pickFrames, picksAtRandom, type FrameRule } from './front-ends/image/pick.js';
export { clip, type ClipOptions } from './front-ends/clip.js';
export { resample, type ResampleMethod } from './front-ends/resample/resample.js';
export { powerSpectralDensity, standardizedLogDensity, type PsdOptions } from './front-ends/psd.js';
export { fitFrames, melFilterBank, type FbankOptions } from './front-ends/fbank.js';
export { multiView } from './multi-view/multi-view.js';
export { multiViewOptions, type MultiViewOptions } from './multi-view/options.js';
export { mosi, mosiOptions, type MosiOptions } from './mosi/mosi.js';
export { mosei, moseiOptions, type MoseiOptions } from './mosei/mosei.js';
export { urFunny, urFunnyOptions, type UrFunnyOptions } from './ur-funny/ur-funny.js';
export { mmsd, mmsdOptions, type MmsdOptions } from './mmsd/mmsd.js';
export { avMnist, avMnistOptions, type AvMnistOptions } from './av-mnist/av-mnist.js';
export { modelnet40, modelnet40Options, type Modelnet40Options } from './modelnet40/modelnet40.js';
export { folders } from './folders/folders.js';
export { foldersOptions, type FoldersOptions } from './folders/options.js';
export { Vocabulary } from './tokens/tokens.js';
export { ARRAY_EXTENSIONS, readArray, type ArrayPlace } from './readers/array.js';
export { Hdf5File, readHdf5, withHdf5 } from './readers/hdf5.js';
export { parseJson, parseJsonLines, readJson, readJsonLines, type JsonValue } from './readers/json.js';
export { readAnyMat, readMat73 } from './readers/mat73.js';
export { NpyFile } from './readers/npy.js';
export { parquetNumbers, readParquet, type ParquetTable } from './readers/parquet.js';
export { parsePickle, pickleAt, pickleKeys, pickleNumbers, readPickle } from './readers/pickle/pickle.js';
export { PickleArray, PickleBytes, type PickleValue } from './readers/pickle/values.js';
export { parsePythonLists, parsePythonLiteral, readPythonLists, type PythonLiteral } from './readers/python-literal.js';
export { readSafetensors } from './readers/safetensors.js';
export { FileSource, MemorySource, type ByteSource } from './readers/source.js';
export { decodeText, textLines } from './readers/text.js';
export { parseTorch, readTorch } from './readers/torch.js';
export { arraysLoader, readStoredArray, type ArraysOptions } from './media/arrays/arrays.js';
export { wavSeconds } from './readers/wav-length.js';
export { assembleClips, type ClipParts } from './clips/assemble.js';
export type { Absent, Finder } from './clips/finder.js';
export { clipRow, listLines, safeName, type ClipLists, type ClipRow } from './clips/list.js';
export { SoundFinder, type SoundPlaces } from './clips/sound.js';
export { FrameFinder, type FramePlaces } from './clips/frames.js';
export { cremaD, cremaDOptions, type CremaDOptions } from './crema-d/crema-d.js';
export { kineticsSounds, kineticsSoundsOptions, type KineticsSoundsOptions } from './kinetics-sounds/kinetics-sounds.js';
export { vggSound, vggSoundOptions, type VggSoundOptions } from './vggsound/vggsound.js';
export { decodeVideo, requireFfmpeg } from './media/video/ffmpeg.js';
export { videoLoader, videoShape, type VideoOptions, type VideoSource } from './media/video/video.js';
export { storedFlowLoader, storedFlowShape, type StoredFlowOptions } from './media/video/flow.js';
export { flowImagesLoader, flowImagesShape, type FlowImagesOptions, type FlowImagesSource } from './media/video/flow-images.js';
export { nvGesture, nvGestureOptions, type NvGestureOptions } from './nvgesture/nvgesture.js';
export { ucf101, ucf101Options, type Ucf101Options } from './ucf101/ucf101.js';
export { iemocap, iemocapOptions, type IemocapOptions } from './iemocap/iemocap.js';
export { iemocapFeatures, iemocapFeaturesOptions, type IemocapFeaturesOptions } from './iemocap-features/iemocap-features.js';
export { cleanCaption, lettersOnly, placeTarget } from './front-ends/text/clean.js';
export { countWords, wordNumbers } from './front-ends/words/words.js';
