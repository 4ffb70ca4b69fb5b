// The browser's side of a value that Python sets too (shared_value.py). Whatever is sent names the revision
// that it was made from, so a change that comes too late is not taken.
class SharedValue {
  value = null // what both sides know

  // Whether Python has set the value; what was still to be sent of the one before is dropped then.
  receive({ value, revision }, setStateValue) {
    this.setStateValue = setStateValue
    if (revision === this.revision) return false
    this.cancel()
    Object.assign(this, { value, revision })
    return true
  }

  wait(milliseconds, send) {
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(send, milliseconds)
  }

  get isWaiting() {
    return Boolean(this.timer)
  }

  cancel() {
    window.clearTimeout(this.timer)
    this.timer = 0
  }

  send(value) {
    this.cancel()
    this.value = value
    this.setStateValue("changed", { value, revision: this.revision })
  }
}
