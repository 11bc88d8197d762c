/**
 * The page's only script: sorts a table by the column whose button is pressed, down, then up, then as it was. It reads the full
 * numbers of `data-value`, keeps cells without one last, and says the order in `aria-sort` and to screen readers. Without
 * scripts the table stands as it is.
 */
export const SORT_SCRIPT = `
for (const table of document.querySelectorAll('table.sortable')) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  const status = table.closest('section').querySelector('[role=status]');
  const heads = [...table.querySelectorAll('th[aria-sort]')];
  for (const head of heads) {
    head.querySelector('button').addEventListener('click', () => {
      const before = head.getAttribute('aria-sort');
      const next = before === 'none' ? head.dataset.first : before === head.dataset.first ? other(before) : 'none';
      for (const each of heads) each.setAttribute('aria-sort', 'none');
      head.setAttribute('aria-sort', next);
      const sign = next === 'ascending' ? 1 : -1;
      const key = (row) => row.cells[head.cellIndex].dataset.value;
      const compare = (a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
        return sign * (head.dataset.kind === 'text' ? x.localeCompare(y) : x - y);
      };
      body.append(...(next === 'none' ? original : [...original].sort(compare)));
      status.textContent = next === 'none' ? 'Original order.' : 'Sorted by ' + head.dataset.name + ', ' + next + '.';
    });
  }
}
function other(order) { return order === 'ascending' ? 'descending' : 'ascending'; }
`;
