import Synchronization
import TapCommands
import Testing

@Suite struct ProgressLineTests {
  @Test func ratesAndTimesReadWell() {
    #expect(
      ProgressLine.text(verb: "extracting", unit: "images", done: 1200, total: 4000, seconds: 20)
        == "extracting 1,200 of 4,000 images, 60 a second, 47 s left")
    #expect(
      ProgressLine.text(verb: "extracting", unit: "images", done: 5, total: 1_000_000, seconds: 2)
        == "extracting 5 of 1,000,000 images, 2.5 a second, 111 h 6 min left")
    #expect(
      ProgressLine.text(verb: "fitting", unit: "folds", done: 0, total: 5, seconds: 0)
        == "fitting 0 of 5 folds")
    #expect(
      ProgressLine.text(verb: "extracting", unit: "images", done: 120, total: 400, since: 100, seconds: 2)
        == "extracting 120 of 400 images, 10 a second, 28 s left")
    #expect(
      ProgressLine.text(verb: "choosing C,", unit: "fits", done: 0, total: 95, seconds: 0, expected: 44)
        == "choosing C, 0 of 95 fits, roughly 40 s left")
    #expect(
      ProgressLine.text(verb: "choosing C,", unit: "fits", done: 5, total: 95, seconds: 10, expected: 44)
        == "choosing C, 5 of 95 fits, 0.5 a second, 3 min 0 s left")
    #expect(
      ProgressLine.text(verb: "choosing C,", unit: "fits", done: 0, total: 0, seconds: 0, expected: 0)
        == "choosing C, 0 of 0 fits")
    #expect(ProgressLine.duration(200) == "3 min 20 s")
  }

  @Test(arguments: [true, false])
  func onlyATerminalSeesProgress(isTerminal: Bool) {
    let written = Recorder()
    let console = Console(
      terminal: .init(showsProgress: isTerminal), output: { _ in }, errorOutput: { written.add($0) })
    let line = ProgressLine("extracting", unit: "images", console: console)
    line.update(1, of: 2)
    line.finish()
    #expect(written.text.isEmpty == !isTerminal)
    if isTerminal { #expect(written.text.hasSuffix("\r\u{1B}[K")) }
  }

  /// A second phase has its own clock. The time before the phase's first update, such as the time to read a million
  /// files, does not count.
  @Test func timeLeftIsThatOfThePhase() {
    let written = Recorder()
    let console = Console(
      terminal: .init(showsProgress: true), output: { _ in }, errorOutput: { written.add($0) })
    let line = ProgressLine("extracting", unit: "images", console: console)
    line.update(1000, of: 100_000)
    #expect(written.text.hasSuffix("extracting 1,000 of 100,000 images"), "\(written.text)")
  }

  /// The time left is shown before anything is done. A second piece of work of the same kind has its own clock.
  @Test func everyWorkBeginsWithWhatIsExpected() {
    let written = Recorder()
    let console = Console(
      terminal: .init(showsProgress: true), output: { _ in }, errorOutput: { written.add($0) })
    let line = ProgressLine("choosing C,", unit: "fits", console: console)
    line.expect(300)
    line.update(0, of: 95)
    #expect(written.text.hasSuffix("choosing C, 0 of 95 fits, roughly 5 min left"), "\(written.text)")
    line.update(95, of: 95)
    line.expect(7)
    line.update(0, of: 38)
    #expect(written.text.hasSuffix("choosing C, 0 of 38 fits, roughly 7 s left"), "\(written.text)")
  }

  /// A log gets one line, after one second of work has shown the rate.
  @Test func aLogIsToldOnceWhatIsLeft() {
    func log(started ago: Duration, updates: [Int]) -> String {
      let written = Recorder()
      let console = Console(terminal: .init(), output: { _ in }, errorOutput: { written.add($0) })
      let line = ProgressLine(
        "extracting", unit: "images", console: console, logsOnce: true, start: .now - ago)
      for done in updates { line.update(done, of: 4000) }
      line.finish()
      return written.text
    }
    let text = log(started: .seconds(20), updates: [1200, 1201, 4000])
    #expect(text.hasPrefix("extracting 1,200 of 4,000 images, ") && text.hasSuffix(" s left\n"), "\(text)")
    #expect(text.split(separator: "\n").count == 1)
    #expect(log(started: .zero, updates: [1]).isEmpty)
    #expect(log(started: .seconds(20), updates: [0, 4000]).isEmpty)
  }
}

/// Collects what is written to it.
final class Recorder: Sendable {
  private let parts = Mutex("")
  var text: String { parts.withLock { $0 } }
  func add(_ part: String) { parts.withLock { $0 += part } }
}
