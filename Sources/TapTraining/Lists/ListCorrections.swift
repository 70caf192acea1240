// Corrections of labeled images from tables: images to leave out, and images with another label. An audit writes such
// tables, and a person edits them.

import TapFeatures
import TapFileSystem

/// Images to leave out and new labels, by path.
package struct ListCorrections: Sendable {
  private let dropped: Set<ByteKey>
  private let labels: [ByteKey: String]

  /// - Parameters:
  ///   - drop: a CSV with a column `path`: the images to leave out; nil for none.
  ///   - relabel: a CSV with the columns `path` and `suggested`: the new labels; nil for none. A line without a path or
  ///     without a new label changes nothing.
  /// - Throws: ``TrainingError/file(_:)``; ``TrainingError/labels(path:problem:)`` for a table without these columns,
  ///   and for an image with two new labels.
  package init(drop: String?, relabel: String?) throws(TrainingError) {
    var dropped: Set<ByteKey> = []
    if let drop {
      for line in try Self.read(drop, columns: ["path"]) { dropped.insert(ByteKey(line.fields[0])) }
    }
    var labels: [ByteKey: String] = [:]
    if let relabel {
      for line in try Self.read(relabel, columns: ["path", "suggested"]) where !line.fields[1].isEmpty {
        let path = ByteKey(line.fields[0])
        if let other = labels[path], !other.hasBytes(of: line.fields[1]) {
          throw .labels(
            path: relabel,
            problem: "line \(line.line): \(path.text) gets the label '\(line.fields[1])' here and '\(other)' above; "
              + "keep one")
        }
        labels[path] = line.fields[1]
      }
    }
    self.dropped = dropped
    self.labels = labels
  }

  /// The named columns of the lines whose first named column is not empty.
  private static func read(_ path: String, columns: [String]) throws(TrainingError) -> [(line: Int, fields: [String])] {
    let records = try TableFile.records(path)
    let header = records.first?.fields ?? []
    var places: [Int] = []
    for name in columns {
      guard let place = header.firstIndex(of: name) else {
        throw .labels(
          path: path,
          problem: "the first line must name the column '\(name)', as 'layertap audit --output' writes it"
            + (header.isEmpty ? "" : "; found \(FeatureFile.list(header))"))
      }
      places.append(place)
    }
    var lines: [(line: Int, fields: [String])] = []
    for record in records.dropFirst() {
      guard record.fields.count == header.count else {
        throw .labels(
          path: path,
          problem: "line \(record.line): expected \(header.count) fields, found \(record.fields.count)")
      }
      let fields = places.map { record.fields[$0] }
      if !fields[0].isEmpty { lines.append((record.line, fields)) }
    }
    return lines
  }

  /// Whether there is nothing to correct.
  package var isEmpty: Bool { dropped.isEmpty && labels.isEmpty }

  /// A copy of a list with the corrections.
  package func applied(to list: ImageList) -> ImageList {
    list.filter { !dropped.contains(ByteKey($0.path)) }.relabeled { labels[ByteKey($0.path)] }
  }

  /// A copy of labeled features with the corrections.
  package func applied(to data: LabeledFeatures) -> LabeledFeatures {
    var result = data
    result.items = data.items.compactMap { item in
      let path = ByteKey(item.image.path)
      guard !dropped.contains(path) else { return nil }
      var item = item
      if let label = labels[path] { item.image.label = label }
      return item
    }
    return result
  }

  /// The effect of the corrections on these images: a line for people, and the paths that are not among the images.
  package func summary(of images: [ImageItem]) -> (line: String, unknown: [String]) {
    let known = Set(images.map { ByteKey($0.path) })
    let left = dropped.filter(known.contains).count
    let changed = images.count { image in
      let path = ByteKey(image.path)
      return !dropped.contains(path) && labels[path].map { !image.label.hasBytes(of: $0) } ?? false
    }
    let unknown = dropped.union(labels.keys).subtracting(known).sorted().map(\.text)
    return ("corrections  \(left) images left out, \(changed) labels changed", unknown)
  }
}
