import { z } from 'zod';

/** Options that every dataset of files has. */
export const mediaOptions = {
  workers: z
    .int()
    .min(0)
    .max(64)
    .optional()
    .describe('threads that decode files; 0 decodes in the training thread; default: half of the cores'),
  cache: z
    .enum(['lazy', 'ahead', 'off'])
    .default('off')
    .describe('keep what is decoded and not random on disk: as it is first read, all of it before training, or not at all'),
};
export interface MediaOptions {
  readonly workers?: number | undefined;
  readonly cache: 'lazy' | 'ahead' | 'off';
}
