// node ask.mjs NAME < given.json > answer.json
import { readFileSync } from "node:fs"

import { asked } from "./asked.js"

const answer = await asked[process.argv[2]](JSON.parse(readFileSync(0, "utf8")))
process.stdout.write(JSON.stringify(answer))
