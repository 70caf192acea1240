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
  private(set) var first: [Int] = []
  /// How many inputs each output averages, at least 1.
  private(set) var count: [Int] = []
  /// `stride` weights for each output, the unused ones 0.
  private(set) var values: [Int32] = []
  let stride: Int

  /// The weights of `outputs`, a part of `0..<outputCount`: what a crop keeps.
  init(filter: ResampleFilter, inputCount: Int, outputCount: Int, outputs: Range<Int>) {
    let scale = Double(inputCount) / Double(outputCount)
    let reach = max(scale, 1)
    let support = filter.support * reach
    let inverse = 1 / reach
    stride = Int(support.rounded(.up)) * 2 + 1
    first.reserveCapacity(outputs.count)
    count.reserveCapacity(outputs.count)
    values.reserveCapacity(outputs.count * stride)
    var weights: [Double] = []
    weights.reserveCapacity(stride)
    for output in outputs {
      let center = (Double(output) + 0.5) * scale
      let low = max(Int(center - support + 0.5), 0)
      let high = min(Int(center + support + 0.5), inputCount)
      weights.removeAll(keepingCapacity: true)
      var sum = 0.0
      for input in low..<high {
        let weight = filter.weight((Double(input) - center + 0.5) * inverse)
        weights.append(weight)
        sum += weight
      }
      append(weights, dividedBy: sum == 0 ? 1 : sum, from: low)
    }
  }

  /// Rounds one output's weights and drops those at the end that round to 0.
  private mutating func append(_ weights: [Double], dividedBy sum: Double, from low: Int) {
    let one = Double(1 << ResampleWeights.fractionBits)
    let start = values.count
    for weight in weights {
      let fixed = weight / sum * one
      values.append(Int32(fixed < 0 ? fixed - 0.5 : fixed + 0.5))
    }
    while values.count > start + 1, values.last == 0 { values.removeLast() }
    first.append(low)
    count.append(values.count - start)
    for _ in values.count..<(start + stride) { values.append(0) }
  }
}
