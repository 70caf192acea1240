// One axis of a resize, worked out before any pixel is touched.

/// For each output coordinate, the run of input coordinates that it averages and their weights in fixed
/// point.
///
/// The definition is Pillow's 8-bit resize. With `scale = inputs / outputs` and `reach = max(scale, 1)`,
/// output x is centred at `(x + 0.5) scale` and averages the inputs i with weights
///
///     w[i] = filter((i + 0.5 - center) / reach), divided by their sum,
///
/// each rounded (half away from zero) to a multiple of 2^-22.
struct ResampleWeights {
  /// 8 bits of sample and 2 of headroom (kernels overshoot) leave 22 of 32.
  static let fractionBits: Int32 = 22

  /// The first input of each output; never decreases.
  private(set) var first: [Int32] = []
  /// How many inputs each output averages, at least 1.
  private(set) var count: [Int] = []
  /// `4 * groups` weights for each output, the unused ones 0.
  private(set) var values: [Int32] = []
  /// The same for kernels that multiply 16 bits: for each group of four weights w = 256 h + l the four h,
  /// then the four l in 0...255.
  private(set) var halves: [Int16] = []
  /// Groups of four inputs that every output has room for.
  let groups: Int

  /// The weights of `outputs`, a part of `0..<outputCount`: what a crop keeps.
  init(filter: ResampleFilter, inputCount: Int, outputCount: Int, outputs: Range<Int>) {
    let scale = Double(inputCount) / Double(outputCount)
    let reach = max(scale, 1)
    let support = filter.support * reach
    let inverse = 1 / reach
    var runs: [[Int32]] = []
    runs.reserveCapacity(outputs.count)
    for output in outputs {
      let center = (Double(output) + 0.5) * scale
      let low = max(Int(center - support + 0.5), 0)
      let high = min(Int(center + support + 0.5), inputCount)
      let weights = (low..<high).map { filter.weight((Double($0) - center + 0.5) * inverse) }
      let sum = weights.reduce(0, +)
      first.append(Int32(low))
      runs.append(weights.map { ResampleWeights.fixed($0 / (sum == 0 ? 1 : sum)) })
      // Inputs at the end whose weight rounds to 0 cost time only. At the start they stay: a later output
      // may begin before the first that counts here, and the order of `first` would be lost.
      while runs[runs.count - 1].count > 1, runs[runs.count - 1].last == 0 {
        runs[runs.count - 1].removeLast()
      }
    }
    count = runs.map(\.count)
    groups = ((count.max() ?? 0) + 3) / 4
    values.reserveCapacity(4 * groups * outputs.count)
    for run in runs {
      values += run
      values += repeatElement(0, count: 4 * groups - run.count)
    }
    halves.reserveCapacity(2 * values.count)
    for group in stride(from: 0, to: values.count, by: 4) {
      for weight in values[group..<(group + 4)] { halves.append(Int16(weight >> 8)) }
      for weight in values[group..<(group + 4)] { halves.append(Int16(weight & 255)) }
    }
  }

  private static func fixed(_ weight: Double) -> Int32 {
    let scaled = weight * Double(1 << fractionBits)
    return Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
  }
}
