// `priority` of a route: a number orders it among the others, a word is its admission class while a backend has too much to do.
import { ADMISSION_CLASSES } from '../../model/admission.ts';
import type { Route } from '../../model/route.ts';
import { type Infer, s } from '../../schema/builder.ts';

export const PRIORITY = s.union(
  [
    s.integer('Higher goes first; 0, the default, is by specificity.'),
    s.choice(ADMISSION_CLASSES, 'Who is admitted first where a backend limits its concurrency; default normal.'),
  ],
  'A number orders the route among the others; a word is the admission class of its requests.',
);

export function readPriority(written: Infer<typeof PRIORITY> | undefined): Pick<Route, 'rank' | 'admissionClass'> {
  if (typeof written === 'string') return { rank: 0, admissionClass: written };
  return { rank: written ?? 0 };
}
