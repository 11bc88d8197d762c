/** Trains one row in a process of its own, from the sources, and prints its numbers: `node determinism.child.mjs <row>`. */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

await runnerImport(fileURLToPath(new URL('./determinism.process.ts', import.meta.url)), {
  logLevel: 'error',
  environments: {
    inline: {
      resolve: { conditions: ['@equimodal/source', 'node', 'import', 'module', 'default'], noExternal: [/^@equimodal\//] },
    },
  },
});
