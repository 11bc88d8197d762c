import { batchNorm, conv2d, sequential, type Layer } from '@equimodal/nn';

export interface BlockOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
}

/** 1x1 convolution without bias. */
export const conv1x1 = (inputs: number, filters: number, stride = 1): Layer => conv2d({ inputs, filters, kernel: 1, stride, bias: false });

/** 3x3 convolution without bias, padded by one, as PyTorch pads. */
export const conv3x3 = (inputs: number, filters: number, stride = 1): Layer =>
  conv2d({ inputs, filters, kernel: 3, stride, padding: 1, bias: false });

/** Whether the shortcut of a block is a convolution: where the shape changes. */
export const hasConvolution = ({ inputs, outputs, stride }: BlockOptions): boolean => stride !== 1 || inputs !== outputs;

/** Children of a block for its shortcut: none for the identity, else `downsample`, a strided 1x1 convolution with batch norm (option B). */
export function shortcut(options: BlockOptions): { readonly downsample?: Layer } {
  const { inputs, outputs, stride } = options;
  if (!hasConvolution(options)) return {};
  return { downsample: sequential([conv1x1(inputs, outputs, stride), batchNorm({ channels: outputs })]) };
}
