//! Chance out of a seed: the same seed gives the same demo for ever, which a library's generator does not promise.

/// A stream of numbers (SplitMix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A seed for somebody else's dice.
    pub(super) fn seed(&mut self) -> u64 {
        self.next()
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// True `hundredths` times in a hundred.
    pub(super) fn chance(&mut self, hundredths: usize) -> bool {
        self.below(100) < hundredths
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Some of a list, in the list's order.
    pub(super) fn some<T: Copy>(&mut self, from: &[T], count: usize) -> Vec<T> {
        let mut left: Vec<usize> = (0..from.len()).collect();
        while left.len() > count {
            let out = self.below(left.len());
            left.remove(out);
        }
        left.into_iter().map(|i| from[i]).collect()
    }

    pub(super) fn between(&mut self, (from, to): (i64, i64)) -> i64 {
        from + self.below((to - from + 1) as usize) as i64
    }

    /// One of a list, each as often as its weight says.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(T, usize)]) -> T {
        let mut left = self.below(from.iter().map(|(_, weight)| weight).sum());
        for (thing, weight) in from {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *thing,
            }
        }
        unreachable!("the weights add up to more than any number below their sum")
    }

    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.below(last + 1);
            list.swap(last, other);
        }
    }

    /// `count` cards in the proportions of their weights, shuffled. Each stands there at least once as long as there is room,
    /// the first before all others; it also makes up what is missing.
    pub(super) fn deck<T: Copy>(&mut self, cards: &[(T, usize)], count: usize) -> Vec<T> {
        let total: usize = cards.iter().map(|(_, weight)| weight).sum();
        let often = |weight: usize| ((weight * count + total / 2) / total).max(1);
        let others = cards[1..].iter().flat_map(|(card, weight)| std::iter::repeat_n(*card, often(*weight)));
        let mut deck: Vec<T> = others.take(count.saturating_sub(1)).collect();
        deck.resize(count, cards[0].0);
        self.shuffle(&mut deck);
        deck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deck_holds_every_card_in_its_proportion() {
        let deck = Dice(1).deck(&[('a', 70), ('b', 29), ('c', 1)], 1000);
        let count = |card| deck.iter().filter(|c| **c == card).count();
        assert_eq!([count('a'), count('b'), count('c')], [700, 290, 10]);
        let mut few = Dice(2).deck(&[('a', 98), ('b', 1), ('c', 1)], 3);
        few.sort_unstable();
        assert_eq!(few, ['a', 'b', 'c']);
        assert_eq!(Dice(3).deck(&[('a', 1), ('b', 9)], 1), ['a']);
        assert!(Dice(3).deck(&[('a', 1), ('b', 1)], 0).is_empty());
    }

    #[test]
    fn weights_are_kept() {
        let mut dice = Dice(4);
        let heavy = (0..10_000).filter(|_| dice.weighted(&[(true, 9), (false, 1)])).count();
        assert!((8_800..9_200).contains(&heavy), "{heavy}");
    }

    #[test]
    fn shuffling_loses_nothing() {
        let mut list: Vec<usize> = (0..100).collect();
        Dice(5).shuffle(&mut list);
        assert_ne!(list, (0..100).collect::<Vec<_>>());
        list.sort_unstable();
        assert_eq!(list, (0..100).collect::<Vec<_>>());
    }
}
