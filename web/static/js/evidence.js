/** Which characters of a report the reading rests on. Pure. */

/**
 * Cuts a text at evidence offsets. The offsets count code points, as Python does; JavaScript counts
 * UTF-16 units, so an emoji before the span would shift it.
 * @param {string} text
 * @param {ReadonlyArray<{start: number, end: number, label: string}>} evidence
 * @returns {{text: string, labels: string[]}[]} pieces in order; joined they are `text`
 */
export function segments(text, evidence) {
  const characters = Array.from(text);
  const spans = evidence
    .map(({ start, end, label }) => ({
      start: Math.max(0, start), end: Math.min(characters.length, end), label,
    }))
    .filter(({ start, end }) => start < end);
  const cuts = new Set([0, characters.length]);
  for (const { start, end } of spans) cuts.add(start).add(end);
  const edges = [...cuts].sort((a, b) => a - b);
  const pieces = [];
  for (let index = 0; index + 1 < edges.length; index += 1) {
    const [from, to] = [edges[index], edges[index + 1]];
    const labels = spans.filter(({ start, end }) => start <= from && to <= end).map(({ label }) => label);
    pieces.push({ text: characters.slice(from, to).join(""), labels: [...new Set(labels)] });
  }
  return pieces;
}
