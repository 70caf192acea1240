// An audit in one or two lines, for the commands that train and evaluate.

import TapAudit
import TapText

extension Audit {
  /// A line about labels and a line about copies; empty if nothing was found.
  package var brief: [String] {
    var lines: [String] = []
    if let labels, !findings(.label).isEmpty {
      lines.append(
        "about \(NumberText.grouped(Int(labels.estimate.rounded()))) of \(NumberText.grouped(labels.judged)) labels are wrong"
      )
    }
    let across = images(of: [.leak, .nearLeak])
    let within = images(of: [.duplicate, .nearDuplicate])
    var parts: [String] = []
    if across > 0 {
      parts.append("\(Self.counted(across)) equal or nearly equal to images of another split\(worthText)")
    }
    if within > 0 { parts.append("\(Self.counted(within)) equal or nearly equal to images of the same split") }
    if !parts.isEmpty { lines.append(parts.joined(separator: "; ")) }
    if !lines.isEmpty { lines[lines.count - 1] += " ('layertap audit' names them)" }
    return lines
  }

  /// The number of images with a finding of some kinds. A pair counts as one image.
  private func images(of kinds: [Kind]) -> Int { Set(kinds.flatMap(findings).map(\.path)).count }

  private static func counted(_ count: Int) -> String {
    "\(NumberText.grouped(count)) image\(count == 1 ? " is" : "s are")"
  }

  /// The accuracies on test images with and without a copy, in parentheses; empty without both.
  private var worthText: String {
    guard let worth, worth.near.count > 0, worth.others.count > 0 else { return "" }
    return
      " (\(AccuracyText.share(worth.near)) of such test images are right, \(AccuracyText.share(worth.others)) of the "
      + "others)"
  }
}
