// Images or rows whose contents occur more than once among training and test items.

import TapFileSystem

/// The numbers of repeated contents, which show whether repeats distort a result.
package struct Duplicates: Hashable, Sendable {
  /// The number of contents with two different labels. No prediction is right for both labels.
  package private(set) var contradictions = 0
  /// Two items that contradict each other, each with its path and label.
  package private(set) var firstContradiction: [String] = []
  /// The number of test items whose contents are also training contents.
  package private(set) var leaked = 0
  /// The number of training items whose contents equal the contents of an earlier training item, unless both are in one
  /// group. If such items are in different folds, cross-validation trains on the same contents that judge the model.
  package private(set) var repeated = 0

  /// Compares the contents of the items in a partition.
  package init(_ data: LabeledFeatures, _ partition: Partition) {
    var first: [String: Int] = [:]
    var contradicted: Set<String> = []
    func note(_ index: Int) -> Bool {
      let item = data.items[index]
      guard let other = first[item.contentHash] else {
        first[item.contentHash] = index
        return false
      }
      if !data.items[other].image.label.hasBytes(of: item.image.label),
        contradicted.insert(item.contentHash).inserted
      {
        contradictions += 1
        if firstContradiction.isEmpty {
          firstContradiction = [other, index].map {
            "\(data.items[$0].image.path) is '\(data.items[$0].image.label ?? "")'"
          }
        }
      }
      return true
    }
    func isApart(_ index: Int) -> Bool {
      let item = data.items[index]
      guard let group = item.image.group, let other = first[item.contentHash] else { return true }
      return !data.items[other].image.group.hasBytes(of: group)
    }
    for index in partition.training + partition.validation where note(index) && isApart(index) { repeated += 1 }
    let learned = Set(first.keys)
    for index in partition.test {
      _ = note(index)
      if learned.contains(data.items[index].contentHash) { leaked += 1 }
    }
  }
}
