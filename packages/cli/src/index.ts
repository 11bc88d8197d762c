export { main } from './main.js';
export { builtInHost } from './host.js';
export { VERSION } from './version.js';
export { pieceNames, scaffoldPackage, scaffoldPiece, type Files, type PieceNames } from './scaffold/scaffold.js';
