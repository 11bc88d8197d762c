/** Edit distance with transpositions (optimal string alignment). */
function distance(a: string, b: string): number {
  let previous: number[] = [];
  let current = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(current[j]! + 1, next[j - 1]! + 1, current[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, previous[j - 2]! + 1);
      next.push(best);
    }
    previous = current;
    current = next;
  }
  return current[b.length]!;
}

/** The known name closest to a mistyped one, or undefined when none is near. */
export function closest(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const d = distance(wanted, candidate.toLowerCase());
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}

/** `did you mean "x"?`, or the list of what there is when nothing is near. */
export function suggestion(name: string, known: Iterable<string>): string {
  const names = [...known];
  const near = closest(name, names);
  if (near !== undefined) return `did you mean "${near}"?`;
  return names.length === 0 ? 'there are none' : `known: ${names.join(', ')}`;
}
