// `--limit`: draws a part of a list that keeps the proportions of the list.

import TapFeatures
import TapSelection

extension ImageList {
  /// At most `count` items in the list's order, drawn by the seed. Each class of each split gives one item, as long as
  /// `count` allows. The other items are drawn in proportion to the sizes of the classes.
  package func drawn(_ count: Int, seed: UInt64) -> ImageList {
    guard count < items.count else { return self }
    struct Stratum: Hashable {
      let split: SplitName?
      let label: String?
    }
    var numbers: [Stratum: Int] = [:]
    let strata = items.map { item in
      let stratum = Stratum(split: item.split, label: item.label)
      let number = numbers[stratum] ?? numbers.count
      numbers[stratum] = number
      return number
    }
    let drawn = Set(
      Splits.proportionalDraw(strata: strata, stratumCount: numbers.count, count: count, seed: seed))
    var index = -1
    return filter { _ in
      index += 1
      return drawn.contains(index)
    }
  }
}
