// The sentences that Python says, too. The page in one file holds them instead of this module (bundle.py).
export { default as SAID } from "../../figures/sentences.json" with { type: "json" }
