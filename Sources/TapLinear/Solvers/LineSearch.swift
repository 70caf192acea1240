// A step along a descent direction of a convex function whose derivatives along the line are cheap.

/// Safeguarded Newton on the derivative φ′(t), from t = 1.
///
/// A full step is taken if it is about as good as any: |φ′(1)| ≤ 0.3 |φ′(0)| and φ(1) ≤ φ(0). Otherwise t moves to
/// the zero of φ′ until |φ′(t)| ≤ 0.1 |φ′(0)|, in a bracket kept by the sign of φ′. Convexity makes such a point a
/// decrease.
struct LineSearch {
  var maximumTrials = 30

  /// The step, or nil if no step lowers the function in double precision.
  func step(from start: LineSample, _ sample: (Double) -> LineSample) -> Double? {
    guard start.slope < 0 else { return nil }
    // Near the minimum φ moves by less than its rounding error, but φ′ is still told apart from 0.
    let slack = 4e-15 * abs(start.value)
    var step = 1.0
    var (low, high) = (0.0, Double.infinity)
    for trial in 0..<maximumTrials {
      let here = sample(step)
      let fraction = abs(here.slope) / -start.slope
      if here.value <= start.value + slack && fraction <= (trial == 0 ? 0.3 : 0.1) { return step }
      if here.value.isFinite && here.slope.isFinite && here.slope < 0 { low = step } else { high = step }
      var next = step - here.slope / here.curvature
      if !next.isFinite || next <= low || next >= high {
        next = high.isFinite ? 0.5 * (low + high) : 2 * step
      }
      step = next
    }
    return low > 0 && sample(low).value < start.value ? low : nil
  }
}
