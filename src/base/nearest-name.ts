// The "did you mean" of every finding: the valid name that a mistyped one is closest to.
import leven from 'leven';

function letters(name: string): string {
  return [...name.toLowerCase()].sort().join('');
}

/** The closest of `names`, or undefined when none is close: a third of its letters may differ, or two may be swapped, but never all of a short name. */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  const wanted = written.toLowerCase();
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const third = Math.floor(Math.max(name.length, wanted.length) / 3);
    const allowed = letters(name) === letters(wanted) ? Math.max(2, third) : Math.max(1, third);
    const distance = leven(wanted, name.toLowerCase());
    if (distance <= allowed && distance < bestDistance && distance < name.length) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** `pool-1` and `pool-12` are two things, not one and a slip of it. */
function differsInDigits(a: string, b: string): boolean {
  return a !== b && a.replaceAll(/\d+/g, '0') === b.replaceAll(/\d+/g, '0');
}

/**
 * The first of `names` that `written` is a slip of: at most two edits away, and fewer than half of its letters or two letters
 * swapped.
 */
export function slipOf(written: string, names: Iterable<string>): string | undefined {
  for (const name of names) {
    if (differsInDigits(written, name)) continue;
    const distance = leven(written, name);
    if (distance > 2) continue;
    if (distance * 2 < name.length || letters(name) === letters(written)) return name;
  }
  return undefined;
}
