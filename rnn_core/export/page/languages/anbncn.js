// a^n b^n c^n: as many c as b as a.

import { blocks } from "./anbn.js"

export const language = blocks
