const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const CHARACTERS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ENTITIES).map(([character, entity]) => [entity, character]),
);

/** A text as it is written in an element or an attribute of XML. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** What a text in XML says. Character references by number stay as they are. */
export const unescapeXml = (text: string): string => text.replace(/&\w+;/g, (entity) => CHARACTERS[entity] ?? entity);
