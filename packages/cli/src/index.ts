export { main } from './main.js';
export { builtInHost, VERSION } from './host.js';
export { pieceNames, scaffoldPackage, scaffoldPiece, type Files, type PieceNames } from './scaffold/scaffold.js';
