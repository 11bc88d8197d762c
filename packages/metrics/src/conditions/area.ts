/** Area under a curve by trapezoids, divided by the width it spans: the mean height. Abscissae ascend. */
export function meanHeight(points: readonly (readonly [x: number, y: number])[]): number {
  const width = points.at(-1)![0] - points[0]![0];
  let area = 0;
  for (const [i, [x, y]] of points.entries()) {
    const before = points[i - 1];
    if (before !== undefined) area += ((x - before[0]) * (y + before[1])) / 2;
  }
  return area / width;
}
