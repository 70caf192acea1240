// The items of an audit by content, label, split and group.

import TapFeatures
import TapFileSystem
import TapTraining

/// The items of an audit, and what follows from their labels, splits, groups and contents alone.
struct AuditTable: Sendable {
  /// The items, in list order.
  let items: [LabeledFeatures.Item]
  let classNames: [String]
  /// The first item of each content, in list order.
  let contents: [Int]
  /// The place in ``contents`` of each item's content.
  let content: [Int]
  /// The items of each content, in list order.
  let members: [[Int]]
  private let hasSplits: Bool

  /// How many times larger the largest class must be than a class that counts as small.
  static let imbalance = 10

  init(_ items: [LabeledFeatures.Item]) {
    self.items = items
    classNames = items.images.classNames
    hasSplits = items.contains { $0.image.split != nil }
    var known: [String: Int] = [:]
    var (contents, content, members): ([Int], [Int], [[Int]]) = ([], [], [])
    for (index, item) in items.enumerated() {
      let place = known[item.contentHash] ?? contents.count
      if place == contents.count {
        known[item.contentHash] = place
        contents.append(index)
        members.append([])
      }
      content.append(place)
      members[place].append(index)
    }
    self.contents = contents
    self.content = content
    self.members = members
  }

  /// The split of an item. If some items have a split, an item without one is for training.
  func side(_ index: Int) -> SplitName? { hasSplits ? items[index].image.split ?? .train : nil }

  /// The place of an item's split in the order of training, validation and test.
  func rank(_ index: Int) -> Int {
    switch side(index) {
    case nil, .train: 0
    case .validation: 1
    case .test: 2
    }
  }

  var splits: [(name: SplitName, count: Int)] {
    guard hasSplits else { return [] }
    return SplitName.allCases.map { split in (split, items.indices.count { side($0) == split }) }
      .filter { $0.count > 0 }
  }

  /// The items with the content and the label of an item, in list order.
  func copies(of index: Int) -> [Int] {
    members[content[index]].filter { items[$0].image.label.hasBytes(of: items[index].image.label) }
  }

  /// Whether items of a content have different labels.
  private func isContradictory(_ place: Int) -> Bool {
    Set(members[place].compactMap { items[$0].image.label.map(ByteKey.init) }).count > 1
  }

  /// The first labeled item of each content whose label can be judged, and the names of their classes. Contents with
  /// several labels are left out, and so are classes with one content.
  var judgedContents: (items: [Int], classNames: [String], skipped: [String]) {
    let labeled = contents.indices.compactMap { place in
      isContradictory(place) ? nil : members[place].first { items[$0].image.label != nil }
    }
    var counts: [ByteKey: Int] = [:]
    for index in labeled { counts[ByteKey(items[index].image.label ?? ""), default: 0] += 1 }
    let judged = labeled.filter { (counts[ByteKey(items[$0].image.label ?? "")] ?? 0) > 1 }
    return (
      judged, judged.map { items[$0].image }.classNames,
      counts.filter { $0.value == 1 }.keys.map(\.text).sortedByBytes
    )
  }

  /// A finding for each item whose label differs from that of an earlier item with the same content.
  func conflicts() -> [Audit.Finding] {
    contents.indices.filter(isContradictory).flatMap { place -> [Audit.Finding] in
      let labeled = members[place].filter { items[$0].image.label != nil }
      let first = labeled[0]
      return labeled.filter { !items[$0].image.label.hasBytes(of: items[first].image.label) }.map { index in
        Audit.Finding(
          kind: .conflict, path: items[index].image.path, other: items[first].image.path,
          label: items[index].image.label ?? "", suggestion: items[first].image.label ?? "")
      }
    }
  }

  /// A finding for each group with items in several splits.
  func groupLeaks() -> [Audit.Finding] {
    var groups: [ByteKey: [Int]] = [:]
    for index in items.indices {
      if let group = items[index].image.group { groups[ByteKey(group), default: []].append(index) }
    }
    return groups.sorted { $0.key < $1.key }.compactMap { name, members -> Audit.Finding? in
      guard let low = members.min(by: { rank($0) < rank($1) }),
        let high = members.first(where: { rank($0) > rank(low) })
      else { return nil }
      return Audit.Finding(
        kind: .groupLeak, path: items[high].image.path, other: items[low].image.path,
        label: items[high].image.label ?? "", group: name.text)
    }
  }

  /// A finding for each class that is much smaller than the largest class.
  func imbalance() -> [Audit.Finding] {
    var counts = [Int](repeating: 0, count: classNames.count)
    for label in items.images.classIndices(classNames) { counts[label] += 1 }
    let largest = counts.max() ?? 0
    return counts.indices.filter { counts[$0] * Self.imbalance <= largest }.sorted {
      (counts[$0], $0) < (counts[$1], $1)
    }.map {
      Audit.Finding(kind: .imbalance, label: classNames[$0], score: Double(largest) / Double(counts[$0]))
    }
  }
}
