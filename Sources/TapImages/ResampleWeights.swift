// The weights of a resize along one axis. They are computed before any pixel is read.

/// For each output coordinate: the consecutive input coordinates that have a weight, and these weights in fixed point.
///
/// The weights are those of Pillow's 8-bit resize. With `scale = inputs / outputs` and `reach = max(scale, 1)`, the
/// center of output x is `(x + 0.5) scale`. Output x is the weighted average of the inputs i, with the weights
///
///     w[i] = filter((i + 0.5 - center) / reach), divided by their sum,
///
/// Each weight is then rounded (half away from zero) to a multiple of 2^-22.
struct ResampleWeights {
  /// The number of bits of a weight after the binary point. A sample takes 8 of 32 bits, and 2 more bits are reserved,
  /// since kernels overshoot. So 22 bits remain.
  static let fractionBits: Int32 = 22

  /// The first input of each output. These numbers never decrease from one output to the next.
  private(set) var first: [Int32] = []
  /// The number of inputs that have a weight in each output, 1 or more.
  private(set) var count: [Int] = []
  /// `4 * groups` weights for each output; the weights that are not used are 0.
  private(set) var values: [Int32] = []
  /// The weights for kernels that multiply 16-bit integers. Each weight is w = 256 h + l with l in 0...255. For each
  /// group of four weights, the four h are stored first, and then the four l.
  private(set) var halves: [Int16] = []
  /// The number of groups of four weights that every output has.
  let groups: Int

  /// The weights of the outputs in `outputs`. This range is the part of `0..<outputCount` that remains after a crop.
  ///
  /// - Parameters:
  ///   - extent: the size of the image in inputs, if the size is not a whole number. An image that was decoded at a
  ///     fraction of its size may end within a pixel.
  ///   - isTurned: whether the incomplete input is the first input instead of the last.
  init(
    filter: ResampleFilter, inputCount: Int, extent: Double? = nil, isTurned: Bool = false, outputCount: Int,
    outputs: Range<Int>
  ) {
    let extent = extent ?? Double(inputCount)
    let start = isTurned ? Double(inputCount) - extent : 0
    let scale = extent / Double(outputCount)
    let reach = max(scale, 1)
    let support = filter.support * reach
    let inverse = 1 / reach
    let centers = outputs.map { start + (Double($0) + 0.5) * scale }
    let lows = centers.map { max(Int($0 - support + 0.5), 0) }
    count = zip(centers, lows).map { min(Int($0 + support + 0.5), inputCount) - $1 }
    first = lows.map { Int32($0) }
    let groups = ((count.max() ?? 0) + 3) / 4
    self.groups = groups
    var values = [Int32](repeating: 0, count: 4 * groups * outputs.count)
    var halves = [Int16](repeating: 0, count: 2 * values.count)
    var weights = [Double](repeating: 0, count: 4 * groups)
    for output in centers.indices {
      var sum = 0.0
      for tap in 0..<count[output] {
        weights[tap] = filter.weight((Double(lows[output] + tap) - centers[output] + 0.5) * inverse)
        sum += weights[tap]
      }
      var last = 0
      for tap in 0..<count[output] {
        let weight = ResampleWeights.fixed(weights[tap] / (sum == 0 ? 1 : sum))
        values[4 * groups * output + tap] = weight
        let half = 8 * (groups * output + tap / 4) + tap % 4
        halves[half] = Int16(weight >> 8)
        halves[half + 4] = Int16(weight & 255)
        if weight != 0 { last = tap }
      }
      // Inputs at the end whose weight rounds to 0 are left out to save time. Inputs at the start whose weight rounds
      // to 0 are kept: without them, `first` could decrease from one output to the next.
      count[output] = last + 1
    }
    self.values = values
    self.halves = halves
  }

  /// The range of the inputs that have a weight in any output.
  var inputs: Range<Int> {
    let low = Int(first.first ?? 0)
    return low..<zip(first, count).reduce(low) { max($0, Int($1.0) + $1.1) }
  }

  private static func fixed(_ weight: Double) -> Int32 {
    let scaled = weight * Double(1 << fractionBits)
    return Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
  }
}
