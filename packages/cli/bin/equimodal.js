#!/usr/bin/env node
import * as nodeModule from 'node:module';

// Node 22 keeps compiled code between calls.
nodeModule.enableCompileCache?.();
const { main } = await import('../dist/main.js');
await main(process.argv);
