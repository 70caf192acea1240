// An audit as JSON and CSV, for programs and for editing.

import TapAudit
import TapFormats
import TapMetrics
import TapTraining

extension Audit {
  /// - Parameter warnings: the program's warnings.
  package func json(warnings: [String]) -> JSONValue {
    var fields: [String: JSONValue] = [
      "format": .integer(1), "images": .integer(images), "classes": .integer(classes),
      "splits": .object(
        Dictionary(uniqueKeysWithValues: splits.map { ($0.name.rawValue, .integer($0.count)) })),
      "findings": .array(findings.map(Self.json)),
      "topics": .array(Topic.allCases.filter(topics.contains).map { .string($0.rawValue) }),
      "looksAtFiles": .bool(looksAtFiles), "warnings": .array(warnings.map(JSONValue.string)),
    ]
    if let labels {
      fields["labels"] = .object([
        "judged": .integer(labels.judged), "estimate": .number(labels.estimate),
        "penalty": .number(labels.penalty), "skipped": .array(labels.skipped.map(JSONValue.string)),
      ])
    }
    if let pairs {
      var duplicates: [String: JSONValue] = [
        "threshold": .number(pairs.threshold), "pairs": .integer(pairs.near), "groups": .integer(pairs.groups),
      ]
      if let distance = pairs.hashDistance { duplicates["hashDistance"] = .integer(distance) }
      if let stoppedAt = pairs.stoppedAt { duplicates["stoppedAt"] = .integer(stoppedAt) }
      fields["duplicates"] = .object(duplicates)
    }
    if let worth {
      fields["worth"] = .object([
        "all": worth.all.json, "near": Self.share(worth.near), "others": Self.share(worth.others),
      ])
    }
    return .object(fields)
  }

  /// A share, or null if there are no images.
  private static func share(_ proportion: Proportion) -> JSONValue {
    proportion.count > 0 ? proportion.json : .null
  }

  private static func json(_ finding: Finding) -> JSONValue {
    var fields: [String: JSONValue] = ["kind": .string(finding.kind.rawValue)]
    for (name, value) in zip(Self.header.dropFirst(), Self.texts(of: finding)) where !value.isEmpty {
      fields[name] = .string(value)
    }
    if let score = finding.score { fields["score"] = .number(score) }
    return .object(fields)
  }

  /// The columns of the CSV. The score comes after ``texts(of:)``.
  private static let header = ["kind", "path", "other", "label", "suggested", "group", "found", "score"]

  private static func texts(of finding: Finding) -> [String] {
    [finding.path, finding.other, finding.label, finding.suggestion, finding.group, finding.finders.text]
  }

  /// The judgment of the label of every image, the most suspicious first. Equal images have one line.
  package var labelScores: String {
    CSV.line(["path", "label", "suggested", "score", "probability"])
      + (labels?.all ?? []).map {
        CSV.line([$0.path, $0.label, $0.suggestion, "\($0.score)", "\($0.probability)"])
      }.joined()
  }

  /// One finding on each line, with empty fields for what a finding lacks.
  package var csv: String {
    CSV.line(Self.header)
      + findings.map { finding in
        CSV.line([finding.kind.rawValue] + Self.texts(of: finding) + [finding.score.map { "\($0)" } ?? ""])
      }.joined()
  }
}
