/**
 * What the server says in Japanese, in English: whole sentences by patterns (data/sentences.json). In a pattern `{name}`
 * holds words that are translated in turn, `{_name}` what stays as it was written (names, places, reasons), `{__name}` no
 * list either; a name that ends in `_` takes as little as it can. A sentence with a part that has no English stays Japanese.
 */

const HOLE = /\\\{(\w+)\\\}/g;
const SENTENCE = "\u3002";
const COMMA = "\u3001";
const DOT = "\u30fb";
const ENDS = /\u3002(?!$)/g;
/** More is what somebody wrote, not what the server says; it would hold the page up. */
const MOST_SENTENCES = 12;
const LONGEST = 600; // characters
const REMEMBERED = 5000; // parts of sentences: a list is drawn again and again
const JAPANESE = /[\u3040-\u30ff\u4e00-\u9fff]/;

/** @typedef {{shape: RegExp, names: string[], english: string}} Pattern */

/** @param {Record<string, string>} table Japanese pattern and its English @returns {Pattern[]} */
export const patternsOf = (table) => Object.entries(table).map(([japanese, english]) => {
  /** @type {string[]} */
  const names = [];
  const shape = japanese.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(HOLE, (_, name) => {
    names.push(name);
    if (name.endsWith("_")) return "(.+?)";
    if (name.startsWith("__")) return `([^${SENTENCE}${COMMA}]+)`;
    return name === "_reason" || !name.startsWith("_") ? "(.+)" : `([^${SENTENCE}]*)`;
  });
  return { shape: new RegExp(`^${shape}$`, "s"), names, english };
});

/**
 * @param {Pattern[]} patterns @param {Record<string, string>} words known as a whole
 * @param {(pattern: string, values: Record<string, string>) => string} fill
 * @returns {(japanese: string) => string|null} null: no English is known for all of it
 */
export function translator(patterns, words, fill) {
  /** @type {(japanese: string) => string|null} */
  const whole = (japanese) => {
    if (japanese in words) return words[japanese];
    for (const { shape, names, english } of patterns) {
      const found = shape.exec(japanese);
      const values = found && valuesOf(names, found.slice(1));
      if (values) return fill(english, values);
    }
    return JAPANESE.test(japanese) ? null : japanese;
  };
  /** @param {string[]} names @param {string[]} given @returns {Record<string, string>|null} */
  const valuesOf = (names, given) => {
    /** @type {Record<string, string>} */
    const values = {};
    for (const [at, name] of names.entries()) {
      const value = name.startsWith("_") ? given[at] : translate(given[at]);
      if (value === null) return null;
      values[name.replace(/_$/, "")] = value;
    }
    return values;
  };
  const sentence = (/** @type {string} */ japanese) => {
    const ended = japanese.endsWith(SENTENCE);
    const known = ended && !(japanese in words) ? whole(japanese.slice(0, -1)) : whole(japanese);
    return known !== null && ended && !(japanese in words) ? `${known}.` : known;
  };
  const joined = (/** @type {string} */ japanese, /** @type {string|RegExp} */ at, /** @type {string} */ by) => {
    const parts = japanese.split(at).filter(Boolean);
    if (parts.length < 2) return null;
    const known = parts.map(sentence);
    return known.includes(null) ? null : known.join(by);
  };
  /** @type {Map<string, string|null>} what was found out about sentences and their parts */
  const met = new Map();
  /** @type {(japanese: string) => string|null} */
  const translate = (japanese) => {
    const known = met.get(japanese);
    if (known !== undefined) return known;
    const found = sentence(japanese) ?? sentences(japanese) ?? joined(japanese, COMMA, ", ") ?? joined(japanese, DOT, ", ");
    met.set(japanese, found);
    return found;
  };
  /** Several sentences, each pattern of which may be made of more than one. @type {(japanese: string) => string|null} */
  const sentences = (japanese) => {
    const ends = [...japanese.matchAll(ENDS)].map(({ index }) => index + 1);
    if (ends.length > MOST_SENTENCES) return null;
    for (const end of ends) {
      const first = sentence(japanese.slice(0, end));
      const rest = first === null ? null : translate(japanese.slice(end));
      if (rest !== null) return `${first} ${rest}`;
    }
    return null;
  };
  return (japanese) => {
    if (met.size > REMEMBERED) met.clear();
    return japanese.length > LONGEST ? null : translate(japanese);
  };
}
