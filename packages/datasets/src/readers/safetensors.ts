import { EquimodalError, suggestion } from '@equimodal/core';
import { WeightFile } from '@equimodal/weights';
import { malformed, missing, type NdArray } from './bytes.js';

/**
 * One tensor of a safetensors file; without a name the file must hold exactly one. F64, F16 and BF16 come as float32, I64 as int32.
 *
 * @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED
 */
export function readSafetensors(path: string, name?: string): NdArray {
  try {
    const file = WeightFile.open(path);
    try {
      const names = [...file.tensors.keys()];
      const chosen = name ?? (names.length === 1 ? names[0]! : undefined);
      if (chosen === undefined)
        throw malformed(
          path,
          '',
          `the file holds ${names.length} tensors; name one with "key"${names.length > 0 ? `: ${names.slice(0, 20).join(', ')}` : ''}`,
        );
      if (!names.includes(chosen)) throw malformed(path, '', `the file has no tensor "${chosen}"; ${suggestion(chosen, names)}`);
      const { shape, values } = file.read(chosen);
      return { shape, data: values };
    } finally {
      file.close();
    }
  } catch (cause) {
    if (!(cause instanceof EquimodalError) || cause.code.startsWith('EQM_DATA')) throw cause;
    throw cause.code === 'EQM_WEIGHTS_MISSING'
      ? missing('a data file is missing', [path], cause)
      : malformed(path, '', cause.message, cause);
  }
}
