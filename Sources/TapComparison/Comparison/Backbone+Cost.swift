// The cost of a tap: the multiply-adds, counted, and the time, measured on this machine.

import TapBackbone
import TapKernels
import TapProvenance

extension Backbone {
  /// The multiply-adds up to a layer for one image of the preprocessing's size. The result is 0 for the input, and nil
  /// for a layer that does not exist.
  public func multiplyAdds(to tap: String) -> Int? {
    tap == "input" ? 0 : (layerTable ?? table).layers.first { $0.name == tap }?.multiplyAdds
  }

  /// The time of the forward pass of one image up to a layer, in milliseconds. The time is the median of seven runs on
  /// one thread, after one run that warms the caches. The result is nil for a layer that does not exist.
  public func milliseconds(to tap: String, _ instructionSet: InstructionSet = .best) -> Double? {
    milliseconds(to: [tap], instructionSet)
  }

  /// The time of the forward pass of one image up to several layers: ``milliseconds(to:_:)``.
  func milliseconds(to taps: [String], _ instructionSet: InstructionSet) -> Double? {
    guard
      let plan = try? plan(
        columns: taps.map { Column(tap: $0, pooling: pooling(of: $0)) }, instructionSet: instructionSet)
    else { return nil }
    let input = [Float](repeating: 0.5, count: plan.inputCount)
    var rows = [Float](repeating: 0, count: plan.rowLength)
    var arena = plan.makeArena()
    var times: [Double] = []
    for run in 0..<8 {
      let start = ContinuousClock.now
      var span = rows.mutableSpan
      plan.run(input.span, count: 1, arena: &arena, into: &span)
      if run > 0 { times.append((ContinuousClock.now - start) / .milliseconds(1)) }
    }
    return times.sorted()[times.count / 2]
  }

  private func pooling(of tap: String) -> Pooling {
    layers.first { $0.name == tap }?.shape.count == 1 ? .none : .avg
  }
}
