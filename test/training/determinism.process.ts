import { startTestEngine } from '@equimodal/engine';
import { numbersOf, type RowName } from './determinism.rows.js';

// All of it while this module is evaluated: what is imported late would find the module runner closed.
const numbers = await numbersOf(await startTestEngine(), process.argv[2] as RowName);
process.stdout.write(`${JSON.stringify(numbers)}\n`);
