#!/usr/bin/env node
import * as nodeModule from 'node:module';

// Node 22 keeps compiled code between calls.
nodeModule.enableCompileCache?.();
const { main } = await import('@equimodal/cli/main');
await main(process.argv);
