import TapBackbone
import TapKernels
import TapProvenance
import TestSupport
import Testing

@Suite struct PlanTests {
  /// Compares every pooling of every tap to the definitions in double precision. The allowed error is a few hundred
  /// roundings of the largest magnitude, because the networks are up to eight operators deep. Their sums have at most
  /// 192 terms. In the network `wide` the limit is 1,152 terms, and in the network `deep`, which has fewer operators,
  /// 3,105 terms.
  @Test(arguments: InstructionSet.available, Networks.all)
  func agreesWithTheDefinitions(instructionSet: InstructionSet, network: String) throws {
    try expectDefinitions(Networks.named(network), instructionSet, forcing: nil)
  }

  /// Tests every algorithm on every convolution that this algorithm can compute, whatever the plan would choose.
  @Test(arguments: ConvolutionAlgorithm.allCases, Networks.all)
  func everyAlgorithmAgreesWithTheDefinitions(algorithm: ConvolutionAlgorithm, network: String) throws {
    try expectDefinitions(Networks.named(network), .best, forcing: algorithm)
  }

  private func expectDefinitions(
    _ backbone: Backbone, _ instructionSet: InstructionSet, forcing algorithm: ConvolutionAlgorithm?
  ) throws {
    let size = backbone.preprocessing.size
    let images = Networks.images(3, size: size)
    let columns = try backbone.columns(layers: ["input", "all"], poolings: Pooling.selectable)
    let plan = try backbone.plan(
      columns: columns, batch: 2, instructionSet: instructionSet, forcing: algorithm)
    let rows = plan.rows(images)
    for image in 0..<3 {
      let reference = Networks.reference(images, index: image, size: size)
      let values = ReferenceExecution.run(backbone.graph, input: reference)
      var offset = image * plan.rowLength
      for (column, count) in zip(plan.columns, plan.dimensions) {
        let expected = pooled(values[column.tap]!, column.pooling)
        #expect(expected.count == count)
        let largest = values[column.tap]!.elements.map(abs).max()!
        for index in 0..<count {
          #expect(
            abs(Double(rows[offset + index]) - expected[index]) <= 300 * 0x1p-24 * largest, "\(column.name)")
        }
        offset += count
      }
    }
  }

  /// The bytes of a row depend on the image and the column alone, also if fewer taps let a plan compute by bands and
  /// write parts of a concatenation in place.
  @Test(arguments: Networks.all, [nil] + ConvolutionAlgorithm.allCases)
  func bitsDependOnNothingElse(network: String, algorithm: ConvolutionAlgorithm?) throws {
    let backbone = try Networks.named(network)
    let images = Networks.images(3, size: backbone.preprocessing.size)
    let columns = try backbone.columns(layers: ["all"], poolings: Pooling.selectable)
    let truth = try backbone.plan(columns: columns, batch: 1, instructionSet: .portable, forcing: algorithm)
    let rows = truth.rows(images)
    let ends = truth.dimensions.reduce(into: [0]) { $0.append($0.last! + $1) }
    let places = Dictionary(uniqueKeysWithValues: zip(truth.columns, zip(ends, ends.dropFirst())))
    func expected(_ columns: [Column]) throws -> [UInt32] {
      var bits: [UInt32] = []
      for image in 0..<3 {
        for column in columns {
          let (start, end) = try #require(places[column])
          bits += rows[(image * truth.rowLength + start)..<(image * truth.rowLength + end)].map(\.bitPattern)
        }
      }
      return bits
    }
    for taps in [["all"]] + Networks.tapSets(network) {
      let columns = try backbone.columns(layers: taps, poolings: Pooling.selectable)
      let expected = try expected(columns)
      for instructionSet in InstructionSet.available {
        for (batch, threads) in [(1, 1), (1, 3), (2, 3), (3, 1)] {
          let plan = try backbone.plan(
            columns: columns, batch: batch, instructionSet: instructionSet, forcing: algorithm)
          #expect(
            plan.rows(images, threads: threads).map(\.bitPattern) == expected,
            "\(taps), \(instructionSet), batches of \(batch), \(threads) threads")
        }
      }
    }
    for column in truth.columns {
      let alone = try backbone.plan(columns: [column], batch: 2, forcing: algorithm).rows(images)
      #expect(try alone.map(\.bitPattern) == expected([column]), "\(column.name)")
    }
  }

  /// The sets of taps above were chosen to give certain plans. These plans must occur, whatever algorithm is forced.
  @Test(arguments: [nil] + ConvolutionAlgorithm.allCases)
  func fewTapsLeaveBandsAndJoinedParts(algorithm: ConvolutionAlgorithm?) throws {
    func algorithms(_ network: String, _ taps: [String]) throws -> [String] {
      let backbone = try Networks.named(network)
      let columns = try backbone.columns(layers: taps, poolings: [.avg])
      return try backbone.plan(columns: columns, forcing: algorithm).timings(runs: 1).map(\.algorithm).filter {
        !$0.hasPrefix("pooling")
      }
    }
    let stem = algorithm == .winograd ? "winograd 3x3" : "direct 3x3"
    let branch = algorithm == .direct ? "direct 3x3" : "winograd 3x3"
    let parts = [
      stem, "matrix product + depthwise 3x3 + matrix product", branch, "direct 3x3", "matrix product",
    ]
    #expect(try algorithms("joined", ["cat"]) == parts)
    #expect(try algorithms("joined", ["last"]) == parts + ["window pooling", "matrix product"])
    #expect(try algorithms("joined", ["all"]).contains("concatenation"))
    #expect(try algorithms("inverted", ["q1"]) == ["direct 4x3 + window pooling", "matrix product"])
    #expect(
      try algorithms("inverted", ["d1", "r2"]).contains("matrix product + depthwise 3x3 + matrix product"))
    #expect(try algorithms("inverted", ["all"]).allSatisfy { !$0.contains("+") })
  }

  /// This network is used to compare the two algorithms, so a plan of it must use both.
  @Test func choosesAndForces() throws {
    let backbone = try Networks.squares()
    let columns = [Column(tap: "c4", pooling: .avg)]
    func algorithms(_ forced: ConvolutionAlgorithm?) throws -> [String] {
      try backbone.plan(columns: columns, forcing: forced).timings(runs: 1).map(\.algorithm).filter {
        !$0.hasPrefix("pooling")
      }
    }
    #expect(try algorithms(nil) == ["direct 3x3"] + Array(repeating: "winograd 3x3", count: 3))
    #expect(try algorithms(.direct) == Array(repeating: "direct 3x3", count: 4))
    #expect(try algorithms(.winograd) == Array(repeating: "winograd 3x3", count: 4))
  }

  /// By bands if no tap needs the values in between, one after another if all are tapped.
  @Test func computesLargeDepthwiseBlocksByBands() throws {
    let backbone = try Networks.inverted()
    func algorithms(_ taps: [String]) throws -> [String] {
      try backbone.plan(columns: taps.map { Column(tap: $0, pooling: .avg) }).timings(runs: 1).map(
        \.algorithm
      )
      .filter { !$0.hasPrefix("pooling") }
    }
    #expect(
      try algorithms(["p3"]) == [
        "direct 3x3 + depthwise 5x5", "matrix product + depthwise 3x3 + matrix product", "matrix product",
        "elementwise", "depthwise 3x3 + matrix product",
      ])
    #expect(try algorithms(["q1"]) == ["direct 4x3 + window pooling", "matrix product"])
    // Small groups are computed by rows anyway, so no band contains them.
    #expect(try algorithms(["w2"]) == ["direct 4x3", "grouped 3x3", "window pooling"])
    #expect(
      try algorithms(["a1", "a2", "d2", "p3"]).allSatisfy {
        !$0.contains("+") || $0 == "depthwise 3x3 + matrix product"
      })
  }

  /// Convolutions with four or eight channels in a group have a separate kernel. Convolutions with six channels in a
  /// group do not.
  @Test func computesSmallGroupsSideBySide() throws {
    func algorithms(_ backbone: Backbone, _ tap: String) throws -> [String] {
      try backbone.plan(columns: [Column(tap: tap, pooling: .avg)]).timings(runs: 1).map(\.algorithm)
    }
    #expect(
      try algorithms(Networks.grouped(), "g3").filter { $0.contains("3x3") } == [
        "direct 3x3", "grouped 3x3", "grouped 3x3", "grouped 3x3",
      ])
    #expect(try algorithms(Networks.modern(), "c2").contains("direct 3x3"))
  }

  @Test func runsOnlyAsDeepAsTheTap() throws {
    let backbone = try Networks.mixed()
    let shallow = try backbone.plan(columns: [Column(tap: "a1", pooling: .avg)])
    let deep = try backbone.plan(columns: [Column(tap: "f1", pooling: .none)])
    #expect(shallow.stepCount == 1)
    #expect(deep.stepCount > shallow.stepCount)
  }

  @Test func otherSizesThanTheDefault() throws {
    let backbone = try Networks.mixed()
    let column = Column(tap: "a3", pooling: .flatten)
    let plan = try backbone.plan(columns: [column], size: 20)
    #expect(plan.dimensions == [21 * 10 * 10])
    #expect(try backbone.dimensions(of: column, size: 20) == 2100)
    let images = Networks.images(1, size: 20)
    let reference = Networks.reference(images, index: 0, size: 20)
    let shallow = backbone.graph.reduced(to: ["a3"])
    let expected = ReferenceExecution.run(shallow, input: reference)["a3"]!.elements
    let largest = expected.map(abs).max()!
    for (found, exact) in zip(plan.rows(images), expected) {
      #expect(abs(Double(found) - exact) <= 300 * 0x1p-24 * largest)
    }
  }

  @Test func namesWhatIsUnknown() throws {
    let backbone = try Networks.mixed()
    #expect(try backbone.resolve("last") == "f1")
    #expect(throws: BackboneError.self) { try backbone.resolve("lost") }
    #expect(throws: BackboneError.sizeOutOfRange(0, allowed: Backbone.sizes)) {
      try backbone.plan(columns: [Column(tap: "a1", pooling: .avg)], size: 0)
    }
    #expect(throws: BackboneError.nothingToTap(backbone: "mixed")) { try backbone.plan(columns: []) }
    // The fully connected layer was made for 13 pixels.
    #expect(throws: BackboneError.self) {
      try backbone.plan(columns: [Column(tap: "f1", pooling: .none)], size: 20)
    }
  }

  private func pooled(_ value: ReferenceValue, _ pooling: Pooling) -> [Double] {
    guard value.shape.rank == 3 else { return value.elements }
    let pixels = value.shape[1] * value.shape[2]
    let channels = (0..<value.shape[0]).map { Array(value.elements[($0 * pixels)..<(($0 + 1) * pixels)]) }
    let average = channels.map { $0.reduce(0, +) / Double(pixels) }
    let maximum = channels.map { $0.max()! }
    switch pooling {
    case .avg: return average
    case .max: return maximum
    case .avgmax: return average + maximum
    case .gem(let p, let epsilon):
      return channels.map { values in
        let mean = values.reduce(0) { $0 + power(max($1, epsilon), p) } / Double(pixels)
        return root(mean, p)
      }
    case .flatten, .none: return value.elements
    }
  }

  private func power(_ x: Double, _ p: Double) -> Double {
    precondition(p == 3)
    return x * x * x
  }

  /// The cube root by bisection: slow, and independent of the production code.
  private func root(_ x: Double, _ p: Double) -> Double {
    var (low, high) = (0.0, max(1, x))
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if power(middle, p) < x { low = middle } else { high = middle }
    }
    return low
  }
}
