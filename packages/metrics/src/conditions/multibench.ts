/** Where both protocols of robustness come from. */
export const MULTIBENCH = {
  title: 'MultiBench: Multiscale Benchmarks for Multimodal Representation Learning',
  venue: 'NeurIPS Datasets and Benchmarks 2021',
  url: 'https://arxiv.org/abs/2107.07502',
} as const;
