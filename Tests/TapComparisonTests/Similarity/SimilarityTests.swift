// Similarities of layers against NumPy and SciPy: see Tests/Reference/similarity/generate.py.

import Foundation
import TapComparison
import TapFileSystem
import TapFormats
import TapTensors
import TestSupport
import Testing

@Suite struct SimilarityTests {
  private static let names = ["narrow", "related", "wide", "unrelated"]

  private struct Reference: Decodable {
    let classes: [Int?]
    let features: [String: [[Float]]]
    let cka: [String: [String: Double]]
    let effectiveRank: [String: Double]
    let classSeparation: [String: Double]
    let dissimilarities: [String: [String: [Double]]]
    let spearman: Double
    let tied: [Double]
    let spearmanOfTied: Double
  }

  private let reference: Reference

  init() throws {
    let path = Repository.path("Tests/Reference/similarity/similarity.json")
    reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: URL(filePath: path)))
  }

  /// The features of a column. The rows of the matrix are in reverse order, with a row of another image before them.
  private func column(_ name: String) throws -> SimilarityColumn {
    let rows = try #require(reference.features[name])
    let dimensions = rows[0].count
    let elements = [Float](repeating: 9, count: dimensions) + rows.reversed().flatMap(\.self)
    return SimilarityColumn(
      name: name, matrix: MatrixView(rows: rows.count + 1, columns: dimensions, elements: elements),
      rows: rows.indices.map { rows.count - $0 })
  }

  @Test(arguments: [1, 2])
  func alignmentIsThatOfTheDefinition(threads: Int) throws {
    let columns = try Self.names.map { try column($0) }
    let found = CenteredKernelAlignment.matrix(columns, threads: threads)
    for (i, first) in Self.names.enumerated() {
      for (j, second) in Self.names.enumerated() {
        let value = try #require(found[i][j])
        let expected = try #require(reference.cka[first]?[second])
        #expect(abs(value - expected) < 1e-9, "\(first), \(second)")
      }
    }
    #expect(found == CenteredKernelAlignment.matrix(columns, threads: 3))
  }

  @Test func aColumnWithoutDifferencesHasNoAlignment() throws {
    let equal = SimilarityColumn(
      name: "equal", matrix: MatrixView(rows: 30, columns: 3, elements: [Float](repeating: 2, count: 90)),
      rows: Array(0..<30))
    let found = CenteredKernelAlignment.matrix([try column("narrow"), equal], threads: 1)
    #expect(found[0][0] == 1 && found[0][1] == nil && found[1][1] == nil)
    #expect(equal.effectiveRank(threads: 1) == 0)
    #expect(equal.classSeparation((0..<30).map { $0 % 2 }) == nil)
  }

  @Test func ranksAndSeparationsAreThoseOfTheDefinitions() throws {
    for name in Self.names {
      let column = try column(name)
      let rank = try #require(column.effectiveRank(threads: 2))
      let separation = try #require(column.classSeparation(reference.classes))
      let expectedRank = try #require(reference.effectiveRank[name])
      let expectedSeparation = try #require(reference.classSeparation[name])
      #expect(abs(rank - expectedRank) < 1e-8 * rank, "\(name)")
      #expect(abs(separation - expectedSeparation) < 1e-10, "\(name)")
    }
  }

  @Test(arguments: Dissimilarity.allCases)
  func dissimilaritiesAreThoseOfSciPy(measure: Dissimilarity) throws {
    for name in Self.names {
      let expected = try #require(reference.dissimilarities[measure.rawValue]?[name])
      let tiles = DissimilarityTiles(try column(name), measure)
      let found = tiles.condensed(threads: 2)
      #expect(found.count == expected.count)
      let largest = expected.max() ?? 0
      for (a, b) in zip(found, expected) {
        #expect(abs(a - b) <= 1e-12 * largest + 1e-9 * abs(b), "\(measure) of \(name)")
      }
      try withTemporaryFolder { folder in
        try tiles.write(to: folder + "/m.npy", threads: 2)
        let bytes = try FileSystem.read(folder + "/m.npy")
        let (shape, elements) = try NPY.readDoubles(bytes.span)
        #expect(shape == [30, 30])
        for i in 0..<30 {
          #expect(elements[31 * i] == 0)
          for j in 0..<i { #expect(elements[30 * i + j] == elements[30 * j + i]) }
        }
        #expect(try DissimilarityComparison.read(folder + "/m.npy", images: 30) == found)
      }
    }
  }

  @Test func rankCorrelationsAreThoseOfSciPy() throws {
    let tiles = try ["narrow", "related"].map {
      DissimilarityTiles(try column($0), .correlation)
    }
    let comparison = try DissimilarityComparison(tiles, given: reference.tied, threads: 1)
    let between = try #require(comparison.columns[0][1])
    let given = try #require(comparison.given?[0])
    #expect(abs(between - reference.spearman) < 1e-12)
    #expect(abs(given - reference.spearmanOfTied) < 1e-12)
    #expect(Ranks([2, 2]).correlation(with: Ranks([1, 2])) == nil)
  }

  /// More images and dimensions than a tile or a block has: the tiles fit together.
  @Test func tilesFitTogether() throws {
    var values = (0..<600 * 3).map { Float(($0 * 7919) % 1009) / 100 }
    values[5] += 1
    let column = SimilarityColumn(
      name: "many", matrix: MatrixView(rows: 600, columns: 3, elements: values), rows: Array(0..<600))
    let found = DissimilarityTiles(column, .euclidean).condensed(threads: 2)
    var place = 0
    for i in 0..<600 {
      for j in (i + 1)..<600 {
        let square = (0..<3).reduce(0.0) { sum, k in
          let difference = Double(values[3 * i + k]) - Double(values[3 * j + k])
          return sum + difference * difference
        }
        #expect(abs(found[place] - square.squareRoot()) < 1e-9)
        place += 1
      }
    }
  }

  @Test func otherMatricesAreRefused() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/m.npy"
      for (values, shape) in [
        ([0.0, 1, 2, 0], [2, 2]), ([1.0, 2], [2]), ([Double.nan], [1]), ([0.0, .nan, .nan, 0], [2, 2]),
      ] {
        try AtomicWriter.replace(path, with: NPY.file(values, shape: shape))
        #expect(throws: SimilarityError.self, "\(values)") { try DissimilarityComparison.read(path, images: 2) }
      }
      try AtomicWriter.replace(path, with: "no array")
      #expect(throws: SimilarityError.self) { try DissimilarityComparison.read(path, images: 2) }
    }
    let column = SimilarityColumn(
      name: "many", matrix: MatrixView(rows: 1, columns: 1, elements: [1]),
      rows: [Int](repeating: 0, count: 20_000))
    #expect(throws: SimilarityError.self) {
      try DissimilarityComparison([DissimilarityTiles(column, .euclidean)], given: nil, threads: 1)
    }
  }
}
