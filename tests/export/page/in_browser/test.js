// What the tests in JavaScript use of node:test, where no Node is: a browser asks for `outcome`.

const waiting = []

export default function test(name, run) {
  waiting.push({ name, run })
}

// Runs what waits; how many tests that were, and a line on each that failed.
export async function outcome() {
  const failed = []
  const tests = waiting.splice(0)
  for (const { name, run } of tests) {
    try {
      await run()
    } catch (error) {
      failed.push(`${name}: ${error.message}`)
    }
  }
  return { count: tests.length, failed }
}
