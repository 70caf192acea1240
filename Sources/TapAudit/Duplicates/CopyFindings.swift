// The findings about equal and nearly equal images, within and across splits.

import TapDuplicates
import TapFeatures

/// The findings about copies, and the items that have copies outside the test split.
struct CopyFindings {
  private(set) var findings: [Audit.Finding] = []
  /// The number of groups of equal and nearly equal images.
  private(set) var groupCount = 0
  /// Whether an item is equal or nearly equal to an item outside the test split.
  private(set) var hasTrainingCopy: [Bool]

  init(_ table: AuditTable, _ pairs: NearPairs) {
    var groups = ItemGroups(count: table.items.count)
    for members in table.members {
      for index in members.dropFirst() { groups.join(members[0], index) }
    }
    for pair in pairs.pairs { groups.join(table.contents[pair.first], table.contents[pair.second]) }
    let numbers = groups.numbers()
    groupCount = (numbers.compactMap(\.self).max() ?? -1) + 1

    func finding(
      _ kind: Audit.Kind, _ index: Int, _ other: Int, _ cosine: Double, _ finders: Audit.Finders = []
    ) -> Audit.Finding {
      Audit.Finding(
        kind: kind, path: table.items[index].image.path, other: table.items[other].image.path,
        label: table.items[index].image.label ?? "", score: cosine, group: numbers[index].map { "\($0 + 1)" } ?? "",
        finders: finders)
    }
    // Only items of another split or earlier items of the same split explain why an item is a copy.
    for members in table.members where members.count > 1 {
      for (place, index) in members.enumerated() {
        if let low = members.min(by: { table.rank($0) < table.rank($1) }), table.rank(low) < table.rank(index) {
          findings.append(finding(.leak, index, low, 1))
        } else if let same = members[..<place].first(where: { table.rank($0) == table.rank(index) }) {
          findings.append(finding(.duplicate, index, same, 1))
        }
      }
    }
    let isTraining = table.members.map { members in members.contains { table.rank($0) < 2 } }
    var hasCopy = [Bool](repeating: false, count: table.contents.count)
    for pair in pairs.pairs {
      let ends = [table.contents[pair.first], table.contents[pair.second]]
      let (low, high) = table.rank(ends[0]) <= table.rank(ends[1]) ? (ends[0], ends[1]) : (ends[1], ends[0])
      let kind = table.rank(low) < table.rank(high) ? Audit.Kind.nearLeak : .nearDuplicate
      findings.append(finding(kind, high, low, pair.cosine, pair.finders))
      if isTraining[pair.first] { hasCopy[pair.second] = true }
      if isTraining[pair.second] { hasCopy[pair.first] = true }
    }
    hasTrainingCopy = table.items.indices.map { hasCopy[table.content[$0]] || isTraining[table.content[$0]] }
  }
}
