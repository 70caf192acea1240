// The audit in short that `train` and `evaluate` print before their results.

import LayerTap
import TapReports
import TapText

extension Audit {
  /// Prints what an audit in short finds, and returns its lines. Nothing is printed if there are none.
  ///
  /// - Parameter isPrinted: whether the lines are printed at all; a page has them anyway.
  static func brief(
    _ data: LabeledFeatures, _ arguments: ParsedArguments, _ console: Console, isPrinted: Bool = true
  ) -> [String] {
    let threads = arguments[Options.threads] ?? Threads.available
    let lines = Auditor.brief(data, threads: threads)?.brief ?? []
    if isPrinted, !lines.isEmpty {
      let texts = lines.map { WrappedText.text($0, width: 87, hanging: 13) }
      console.print("audit        " + texts.joined(separator: "\n" + String(repeating: " ", count: 13)))
    }
    return lines
  }
}
