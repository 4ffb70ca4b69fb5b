// What the tests in JavaScript use of node:assert/strict, where no Node is.

const isObject = (value) => typeof value === "object" && value !== null

function isDeepEqual(one, other) {
  if (!isObject(one) || !isObject(other)) return Object.is(one, other)
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => key in other && isDeepEqual(one[key], other[key]))
}

function fail(message) {
  throw new Error(message)
}

const written = (value) => JSON.stringify(value) ?? String(value)

export default {
  ok: (value, message = `${written(value)} is not true`) => value || fail(message),
  equal: (found, expected, message = `${written(found)} is not ${written(expected)}`) =>
    Object.is(found, expected) || fail(message),
  deepEqual: (found, expected, message = `${written(found)} is not ${written(expected)}`) =>
    isDeepEqual(found, expected) || fail(message),
  throws(run, pattern) {
    try {
      run()
    } catch (error) {
      return pattern.test(error.message) || fail(`"${error.message}" does not match ${pattern}`)
    }
    return fail(`nothing was thrown that would match ${pattern}`)
  },
}
