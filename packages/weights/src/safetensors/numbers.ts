/** Numbers of a tensor as they are used here. */
export type Numbers = Float32Array | Int32Array;

/**
 * Bytes of a tensor as float32 (F32, F16, BF16, F64) or int32 (I32, I64) numbers.
 *
 * @param bytes little endian, at the start of a buffer of its own.
 * @returns undefined for a type that is not read, or an integer that int32 does not hold.
 */
export function decode(dtype: string, bytes: Uint8Array<ArrayBuffer>): Numbers | undefined {
  const { buffer } = bytes;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'BF16':
      return bfloat16(new Uint16Array(buffer));
    case 'F16':
      return float16(new Uint16Array(buffer));
    case 'I64':
      return int64(new BigInt64Array(buffer));
    default:
      return undefined;
  }
}

/** The upper half of a float32. */
function bfloat16(halves: Uint16Array): Float32Array {
  const words = Uint32Array.from(halves, (half) => half << 16);
  return new Float32Array(words.buffer);
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
export function float16(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

function int64(values: BigInt64Array): Int32Array | undefined {
  const out = new Int32Array(values.length);
  for (const [i, value] of values.entries()) {
    out[i] = Number(value);
    if (BigInt(out[i]!) !== value) return undefined;
  }
  return out;
}
