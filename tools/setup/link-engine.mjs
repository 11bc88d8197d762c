/** A process of its own for the linker: whatever native code does while it is tried, the set-up lives on. */
import { linkNative } from '@equimodal/engine';

try {
  const info = await linkNative({ onProgress: (line) => process.send?.({ line }) });
  process.send?.({ info });
} catch (error) {
  process.send?.({ problem: error instanceof Error ? error.message : String(error) });
} finally {
  process.disconnect?.();
}
