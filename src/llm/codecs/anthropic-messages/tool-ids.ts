// Ids of tool calls as Anthropic accepts them; other providers write dots, slashes and colons into theirs.

const ACCEPTED = /^[a-zA-Z0-9_-]+$/;

/**
 * The same id always becomes the same, and two that need it never become one: what is not accepted is spelled out by its code.
 * So calls and their results still meet.
 */
export function toolUseId(id: string): string {
  if (ACCEPTED.test(id)) return id;
  if (id === '') return 'call_';
  return `call_${id.replace(/[^a-zA-Z0-9-]/g, (character) => `_${character.charCodeAt(0).toString(16)}_`)}`;
}
