// The class of each row of a matrix. A row may have no class.

import TapFeatures
import TapFileSystem

/// The class of each row of a matrix, or none. With this type, a row without a label never counts as a row of the first
/// class.
package struct RowLabels: Hashable, Sendable {
  /// The label of rows without a class. Every fit, search and learning curve rejects this label.
  private static let none = -1

  /// A label for each row, in the form that fits use: the index of the row's class, or -1. No fit accepts -1.
  package let values: [Int]

  /// The labels of images.
  ///
  /// - Parameters:
  ///   - rows: the row of each image, below `count`.
  ///   - count: the number of rows of the matrix.
  ///   - classNames: the names of the classes, in the order of class indices. The row of an image without a label, or
  ///     with a label that is not in `classNames`, gets no label.
  /// - Precondition: images that share a row have the same label.
  package init(_ images: [ImageItem], rows: [Int], of count: Int, classNames: [String]) {
    precondition(images.count == rows.count, "\(images.count) images for \(rows.count) rows")
    let index = classNames.placesByBytes
    var values = Array(repeating: Self.none, count: count)
    var isSet = Array(repeating: false, count: count)
    for (image, row) in zip(images, rows) {
      let label = image.label.flatMap { index[ByteKey($0)] } ?? Self.none
      precondition(!isSet[row] || values[row] == label, "row \(row) has two labels, one of \(image.path)")
      values[row] = label
      isSet[row] = true
    }
    self.values = values
  }

  /// The index of a row's class; nil if the row has no class.
  package subscript(row: Int) -> Int? { values[row] == Self.none ? nil : values[row] }

  /// The classes of rows that have a class.
  ///
  /// - Precondition: each of these rows has a label.
  package func classes(of rows: [Int]) -> [Int] {
    rows.map { row in
      guard let label = self[row] else { preconditionFailure("row \(row) has no label") }
      return label
    }
  }
}

extension LabeledFeatures {
  /// The labels of the rows of some items. Other rows have no label.
  ///
  /// - Parameters:
  ///   - indices: indices of ``items``.
  ///   - classNames: the names of the classes, in the order of class indices.
  package func labels(of indices: [Int], classNames: [String]) -> RowLabels {
    let used = indices.map { items[$0] }
    return RowLabels(
      used.images, rows: used.map(\.row), of: candidates[0].features.rows, classNames: classNames)
  }
}
