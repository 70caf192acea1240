// Groups of equal and nearly equal images, which stay on one side of every split.

import TapDuplicates
import TapFeatures
import TapFileSystem
import TapKernels
import TapSettings
import TapText

/// Labeled features whose equal and nearly equal images are in one group.
///
/// Equal images have the same bytes. Nearly equal images have features whose cosine reaches a threshold. Pairs join
/// images, so two images of a group can be less similar than the threshold. Images that have a group already stay in
/// one group.
package struct DuplicateGroups: Sendable {
  /// The data in groups.
  package let data: LabeledFeatures
  /// The number of images that are equal or nearly equal to another image.
  package let images: Int
  /// The number of groups of these images. The data's own groups do not count.
  package let groups: Int
  private let threshold: Double
  /// The name of the column whose features are compared.
  private let column: String
  /// The number of the group of each item; nil for an item that is equal or nearly equal to no other item.
  private let numbers: [Int?]

  /// Finds the groups. The features of the deepest layer are compared. If there are several backbones or ways to
  /// prepare images, those of the first one are compared.
  ///
  /// - Parameters:
  ///   - threads: the number of threads; nil is the number of cores that this process may use. The number changes no
  ///     result.
  ///   - progress: receives the number of pairs of blocks of images done, and the number of all, from any thread.
  /// - Throws: ``TrainingError/tooManyPairs(limit:threshold:)``.
  package init(
    _ data: LabeledFeatures, _ settings: DuplicateSettings, threads: Int? = nil,
    progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(TrainingError) {
    let candidate = data.deepestCandidate
    var groups = ItemGroups(count: data.items.count)
    var first: [String: Int] = [:]
    var contents: [Int] = []
    for (index, item) in data.items.enumerated() {
      if let other = first[item.contentHash] {
        groups.join(other, index)
      } else {
        first[item.contentHash] = index
        contents.append(index)
      }
    }
    let found = SimilarPairs(
      candidate.features, rows: contents.map { data.items[$0].row }, threshold: settings.threshold,
      threads: threads ?? Threads.available, progress: progress)
    guard found.stoppedAt == nil else {
      throw .tooManyPairs(limit: SimilarPairs.largestCount, threshold: settings.threshold)
    }
    for pair in found.pairs { groups.join(contents[pair.first], contents[pair.second]) }
    numbers = groups.numbers()
    images = numbers.count { $0 != nil }
    self.groups = Set(numbers.compactMap(\.self)).count
    threshold = settings.threshold
    column = candidate.name
    self.data = data.inGroups(Self.names(groups, data.images))
  }

  /// The group of each image: images with the same group stay together, and so do images that `groups` joins.
  private static func names(_ groups: ItemGroups, _ images: [ImageItem]) -> [String?] {
    var groups = groups
    var known: [ByteKey: Int] = [:]
    for (index, image) in images.enumerated() {
      guard let group = image.group else { continue }
      if let other = known[ByteKey(group)] { groups.join(other, index) } else { known[ByteKey(group)] = index }
    }
    let numbers = groups.numbers()
    var names: [Int: String] = [:]
    for (number, image) in zip(numbers, images) {
      if let number, names[number] == nil { names[number] = image.group }
    }
    return zip(numbers, images).map { number, image in
      guard let number else { return image.group }
      if let name = names[number] { return name }
      var name = "like \(image.path)"
      while known[ByteKey(name)] != nil { name += "'" }
      names[number] = name
      return name
    }
  }

  /// A line about the groups, with names of settings in backquotes.
  package var text: String {
    let how =
      "(cosine of at least \(threshold) in the features of \(column); "
      + "another value of `near` changes it)"
    return images == 0
      ? "No images are equal or nearly equal \(how)."
      : "\(NumberText.grouped(images)) equal or nearly equal images stay together in \(NumberText.grouped(groups)) "
        + "group\(groups == 1 ? "" : "s") \(how)."
  }

  /// A warning if a split that was given, and not drawn, divides groups; otherwise nil.
  package func dividedText(_ partition: Partition) -> String? {
    let training = numbers(of: partition.training)
    let validation = count(partition.validation, in: training)
    let test = count(partition.test, in: training.union(numbers(of: partition.validation)))
    guard validation + test > 0 else { return nil }
    let parts = [(validation, "validation"), (test, "test")].filter { $0.0 > 0 }.map { count, name in
      "\(NumberText.grouped(count)) \(name) image\(count == 1 ? "" : "s")"
    }
    return
      "\(parts.joined(separator: " and ")) \(validation + test == 1 ? "is" : "are") equal or nearly equal to images of "
      + "another split. The splits are given, so these images stay where they are, and accuracies on them are too good: "
      + "'layertap audit' names the pairs."
  }

  private func numbers(of items: [Int]) -> Set<Int> { Set(items.compactMap { numbers[$0] }) }

  /// The number of items whose group is one of `groups`.
  private func count(_ items: [Int], in groups: Set<Int>) -> Int {
    items.count { item in
      guard let number = numbers[item] else { return false }
      return groups.contains(number)
    }
  }
}

extension LabeledFeatures {
  /// The same items with the candidate of the deepest layer alone.
  package var deepest: LabeledFeatures {
    LabeledFeatures(
      items: items, candidates: [deepestCandidate], identity: identity, indexBase: indexBase, notes: notes)
  }

  /// The same items with the splits of a partition, which may be drawn. Items outside the partition are left out.
  package func divided(by partition: Partition) -> LabeledFeatures {
    var result = self
    var splits = [SplitName?](repeating: nil, count: items.count)
    for (part, split) in [
      (partition.training, SplitName.train), (partition.validation, .validation), (partition.test, .test),
    ] {
      for index in part { splits[index] = split }
    }
    result.items = items.indices.compactMap { index in
      guard let split = splits[index] else { return nil }
      var item = items[index]
      item.image.split = split
      return item
    }
    return result
  }

  /// The candidate of the deepest layer, of the first variant. If the order of the layers is not known, it is the last
  /// candidate.
  fileprivate var deepestCandidate: Candidate {
    let own = candidates.filter { $0.variant?.name == candidates[0].variant?.name }
    let depths = own.map { candidate in candidate.column.flatMap { layers.firstIndex(of: $0.tap) } ?? -1 }
    let deepest = depths.max() ?? -1
    return own[deepest < 0 ? own.count - 1 : depths.firstIndex(of: deepest) ?? 0]
  }
}
