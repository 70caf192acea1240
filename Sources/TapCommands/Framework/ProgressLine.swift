// The progress line of a long command. A terminal shows the line at most ten times a second. A log gets the line at
// most once.

import Synchronization
import TapReports
import TapText

/// A count that grows to a known total, with its rate and the remaining time.
///
/// This class is safe to use from any thread. Without a terminal, the class writes nothing by default. With `logsOnce`,
/// the class writes the remaining time once.
package final class ProgressLine: Sendable {
  private struct State {
    /// The time when the work began, and the count at that time.
    var start: (time: ContinuousClock.Instant, done: Int)?
    var last = 0
    /// The estimated seconds of the whole work, used until the first item is done.
    var expected: Double?
    var lastShown: ContinuousClock.Instant?
    var isShown = false
  }

  private let console: Console
  private let verb: String
  private let unit: String
  private let logsOnce: Bool
  private let state: Mutex<State>

  /// - Parameters:
  ///   - verb: the first word of the line: "extracting".
  ///   - unit: the things counted, in the plural: "images".
  ///   - logsOnce: whether a log gets the line once, after a second. This setting has no effect on a terminal.
  ///   - start: the time when the work began. If it is nil, the work begins with the first update, since another phase
  ///     may come before.
  package init(
    _ verb: String, unit: String, console: Console, logsOnce: Bool = false,
    start: ContinuousClock.Instant? = nil
  ) {
    self.verb = verb
    self.unit = unit
    self.console = console
    self.logsOnce = logsOnce
    state = Mutex(State(start: start.map { ($0, 0) }))
  }

  /// Sets the estimated seconds of the work that begins. The line shows this time until a rate is known.
  package func expect(_ seconds: Double) { state.withLock { $0.expected = seconds } }

  /// Shows that `done` of `total` items are done. A count of 0 after a larger count starts new work of the same kind,
  /// with a new clock.
  package func update(_ done: Int, of total: Int) {
    let now = ContinuousClock.now
    let (start, expected) = state.withLock { state in
      if done == 0, state.last > 0 { (state.start, state.lastShown) = (nil, nil) }
      state.last = done
      let start = state.start ?? (now, done)
      state.start = start
      return (start, state.expected)
    }
    let seconds = Self.seconds(now - start.time)
    guard console.terminal.showsProgress else {
      guard logsOnce, seconds >= 1, done > start.done, done < total else { return }
      let isFirst = state.withLock { state in
        defer { state.lastShown = now }
        return state.lastShown == nil
      }
      if isFirst {
        console.note(
          Self.text(verb: verb, unit: unit, done: done, total: total, since: start.done, seconds: seconds))
      }
      return
    }
    state.withLock { state in
      if let last = state.lastShown, now - last < .milliseconds(100), done < total { return }
      state.lastShown = now
      state.isShown = true
      let text = Self.text(
        verb: verb, unit: unit, done: done, total: total, since: start.done, seconds: seconds,
        expected: expected)
      console.overwriteLine(String(text.prefix(max(console.terminal.width - 1, 20))))
    }
  }

  /// Clears the line, so that later output starts on an empty line.
  package func finish() {
    state.withLock { state in
      if state.isShown { console.overwriteLine("") }
      state.isShown = false
    }
  }

  /// The text of the line: `extracting 120 of 4,000 images, 61 a second, 1 min 3 s left`.
  ///
  /// - Parameters:
  ///   - first: the count when the clock started.
  ///   - seconds: the time since the clock started.
  ///   - expected: the estimated time of the whole work, in seconds.
  package static func text(
    verb: String, unit: String, done: Int, total: Int, since first: Int = 0, seconds: Double,
    expected: Double? = nil
  ) -> String {
    var text = "\(verb) \(NumberText.grouped(done)) of \(NumberText.grouped(total)) \(unit)"
    guard done > first, seconds > 0 else {
      if let expected, done < total { text += ", roughly \(NumberText.roughly(seconds: expected)) left" }
      return text
    }
    let rate = Double(done - first) / seconds
    text +=
      rate >= 10
      ? ", \(NumberText.grouped(Int(rate))) a second" : ", \(NumberText.fixed(rate, digits: 1)) a second"
    if done < total { text += ", \(duration(Double(total - done) / rate)) left" }
    return text
  }

  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  /// A time in words: `48 s`, `3 min 20 s`, `2 h 5 min`.
  package static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(.up), 1e9))
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    default: return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
  }
}
