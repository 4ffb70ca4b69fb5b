// node ask.mjs NAME < given.json > answer.json
import { readFileSync } from "node:fs"

import { asked } from "./asked.js"

process.stdout.write(JSON.stringify(asked[process.argv[2]](JSON.parse(readFileSync(0, "utf8")))))
