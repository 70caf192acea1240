// An audit as text for a terminal: the kinds of findings with their counts, the worth of copies, and the first findings
// of each kind.

import TapAudit
import TapMetrics
import TapText

extension Audit {
  /// The largest number of findings of a kind that the text shows.
  private static let shown = 10

  /// The whole text.
  package var text: String {
    var parts = [headline]
    if !findings.isEmpty { parts.append(counts) }
    if let worth { parts.append(Self.text(of: worth)) }
    parts += Kind.allCases.compactMap(examples)
    return parts.joined(separator: "\n\n")
  }

  private var headline: String {
    let name = { (split: String) in split == "val" ? "validation" : split }
    let parts = splits.map { "\(NumberText.grouped($0.count)) \(name($0.name.rawValue))" }.joined(separator: ", ")
    var lines = [
      "\(NumberText.grouped(images)) images in \(NumberText.grouped(classes)) classes"
        + (parts.isEmpty ? "" : " (\(parts))") + (findings.isEmpty ? ": nothing found" : "")
    ]
    if let labels {
      lines.append(
        "about \(NumberText.grouped(Int(labels.estimate.rounded()))) of \(NumberText.grouped(labels.judged)) labels are wrong "
          + "(\(NumberText.percent(labels.estimate / Double(labels.judged))) %), by estimate")
    } else if topics.contains(.label) {
      lines.append("labels are not judged: that needs two classes with two different images each")
    }
    return lines.joined(separator: "\n")
  }

  private var counts: String {
    var table = TextTable([("finding", .left), ("count", .right), ("meaning", .left)])
    for kind in Kind.allCases {
      let count = findings(kind).count
      if count > 0 { table.add([kind.rawValue, NumberText.grouped(count), meaning(of: kind)]) }
    }
    return table.text
  }

  private func meaning(of kind: Kind) -> String {
    return switch kind {
    case .label: "labels that other images contradict most"
    case .conflict: "equal images with different labels"
    case .leak: "images of which another split has a copy"
    case .nearLeak: "pairs of nearly equal images across splits"
    case .groupLeak: "groups with images in several splits"
    case .duplicate: "copies within a split"
    case .nearDuplicate: "pairs of nearly equal images within a split"
    case .tiny: "images much smaller than the others"
    case .blank: "images of one color"
    case .blurred: "images much less sharp than the others"
    case .oddSize: "images whose shape differs from the others"
    case .imbalance: "classes with a tenth of the largest class's images or fewer"
    }
  }

  private static func text(of worth: Worth) -> String {
    var table = TextTable([
      ("test images", .left), ("count", .right), ("accuracy", .right), ("95 % interval", .right),
    ])
    for (name, share) in [
      ("all", worth.all), ("equal or near to one outside the test split", worth.near), ("others", worth.others),
    ] {
      table.add([
        name, NumberText.grouped(share.count), share.count > 0 ? AccuracyText.share(share) : "-",
        share.count > 0 ? AccuracyText.interval(share) : "-",
      ])
    }
    return table.text
  }

  /// The first findings of a kind; nil if there are none.
  private func examples(of kind: Kind) -> String? {
    let all = findings(kind)
    guard !all.isEmpty else { return nil }
    var lines = ["\(kind.rawValue):"] + all.prefix(Self.shown).map { "  \(Self.line($0))" }
    if all.count > Self.shown {
      lines.append("  and \(NumberText.grouped(all.count - Self.shown)) more (--output FILE.csv has all)")
    }
    return lines.joined(separator: "\n")
  }

  private static func line(_ finding: Finding) -> String {
    let score = finding.score.map { NumberText.fixed($0, digits: 2) } ?? ""
    return switch finding.kind {
    case .label: "\(score)  \(finding.path): '\(finding.label)', rather '\(finding.suggestion)'"
    case .conflict:
      "\(finding.path): '\(finding.label)', and \(finding.other) is '\(finding.suggestion)'"
    case .leak, .duplicate: "\(finding.path) = \(finding.other)"
    case .nearLeak, .nearDuplicate:
      "\(NumberText.fixed(finding.score ?? 0, digits: 3))  \(finding.path) ~ \(finding.other)"
        + (finding.finders == .features ? "" : " (\(finding.finders.text))")
    case .groupLeak: "\(finding.group): \(finding.other) and \(finding.path)"
    case .tiny: "\(finding.path): shorter side \(NumberText.fixed(finding.score ?? 0, digits: 0))"
    case .blank, .blurred: "\(finding.path)"
    case .oddSize: "\(finding.path): width / height \(score)"
    case .imbalance:
      "'\(finding.label)': the largest class has \(NumberText.fixed(finding.score ?? 0, digits: 0)) times as many images"
    }
  }
}

extension Audit {
  /// Warnings about what the audit left out.
  package var warnings: [String] {
    var lines: [String] = []
    if let labels, !labels.skipped.isEmpty {
      let names = labels.skipped.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
      lines.append(
        "Labels of \(NumberText.grouped(labels.skipped.count)) classes with one image are not judged: \(names)"
          + (labels.skipped.count > 5 ? ", …" : ""))
    }
    if let pairs, let count = pairs.stoppedAt {
      lines.append(
        "More than \(NumberText.grouped(count)) pairs are nearly equal, with a cosine of at least "
          + "\(NumberText.significant(pairs.threshold)) or near hashes; the search stopped there and reports none of them. "
          + "A larger `near` and a smaller `nearHash` find fewer pairs.")
    }
    return lines
  }
}
