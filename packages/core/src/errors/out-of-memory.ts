/** What TensorFlow, its allocator and V8 say when memory ends. */
const OUT_OF_MEMORY =
  /OOM when allocating|ResourceExhausted|Resource exhausted|Array buffer allocation failed|heap out of memory|bad_alloc/;

/** Whether a message, or the last output of a process, says that memory ran out. */
export const isOutOfMemory = (text: string): boolean => OUT_OF_MEMORY.test(text);
