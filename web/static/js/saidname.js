/** What of a place as said is its name. Pure. */

const AROUND = /(?:の)?(?:付近|周辺|あたり|辺り|近く|そば|一帯|方面|地内|前|裏|手前|先|上流|下流|[東西南北]側|北東|北西|南東|南西)+$/;
const LONGEST = 60;

/**
 * The name in a place as said: without the municipality before it and the words of nearness after it.
 * The officer may change it.
 * @param {string} placeText @param {string|null} municipality its name, as 福山市 or 安芸郡坂町
 * @returns {string}
 */
export function nameIn(placeText, municipality) {
  let name = placeText.trim();
  const full = municipality?.replace(/^.+郡(?=.)/, "") ?? "";
  for (const head of [municipality ?? "", full]) {
    if (head && name.startsWith(head) && name.length > head.length) name = name.slice(head.length).replace(/^の/, "");
  }
  const bare = name.replace(AROUND, "");
  return (bare.length > 1 ? bare : name).slice(0, LONGEST);
}

/**
 * What the officer has marked in the words of the report, when it can be a name.
 * @param {Selection|null} selection @param {Node} within
 * @returns {string}
 */
export function markedIn(selection, within) {
  const words = selection?.toString().trim() ?? "";
  const inside = selection?.anchorNode && within.contains(selection.anchorNode) && within.contains(selection.focusNode);
  return inside && words.length <= LONGEST && !words.includes("\n") ? words : "";
}
