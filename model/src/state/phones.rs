//! The phones of an account, by name and by place.

use crate::name::PhoneId;
use crate::state::Phone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// Where a phone was last seen among those of its account: a short way to it, as long as it is still there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhonePlace(u32);

/// Phones by name. They lie side by side, and names lead to their places: whoever remembers a place finds the
/// phone again without a search, which a fleet does at every hour of every phone.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub struct Phones {
    /// In no order that matters.
    held: Vec<(PhoneId, Phone)>,
    // INVARIANT: the place of every phone that is held, and no other.
    places: BTreeMap<PhoneId, PhonePlace>,
}

impl Phones {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.held.len()
    }
    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
    /// Whether there is one of this name.
    pub fn contains_key(&self, id: &PhoneId) -> bool {
        self.places.contains_key(id)
    }
    /// The phone of this name.
    pub fn get(&self, id: &PhoneId) -> Option<&Phone> {
        self.at(self.place(id)?).map(|(_, phone)| phone)
    }
    /// The phone of this name, to be changed.
    pub fn get_mut(&mut self, id: &PhoneId) -> Option<&mut Phone> {
        let place = self.place(id)?;
        self.held.get_mut(place.index()).map(|(_, phone)| phone)
    }
    /// The place of the phone of this name.
    pub fn place(&self, id: &PhoneId) -> Option<PhonePlace> {
        self.places.get(id).copied()
    }
    /// What is at a place now. To ask for it does not look at it.
    #[inline]
    pub fn at(&self, place: PhonePlace) -> Option<&(PhoneId, Phone)> {
        self.held.get(place.index())
    }
    /// The phone of this name, which was last seen at `seen`, and where it is now.
    #[inline]
    pub fn find(&self, id: &PhoneId, seen: PhonePlace) -> Option<(&Phone, PhonePlace)> {
        if let Some((held, phone)) = self.at(seen)
            && held == id
        {
            return Some((phone, seen));
        }
        self.get(id).zip(self.place(id))
    }
    /// As [`Self::get_mut`], of a phone that was last seen at `seen`.
    #[inline]
    pub fn find_mut(&mut self, id: &PhoneId, seen: PhonePlace) -> Option<&mut Phone> {
        let there = self.at(seen).is_some_and(|(held, _)| held == id);
        let place = if there { seen } else { self.place(id)? };
        self.held.get_mut(place.index()).map(|(_, phone)| phone)
    }
    /// Adds a phone; answers the one of its name that it replaces.
    pub fn insert(&mut self, id: PhoneId, phone: Phone) -> Option<Phone> {
        if let Some(held) = self.get_mut(&id) {
            return Some(std::mem::replace(held, phone));
        }
        // No account has more phones than that.
        let place = PhonePlace(u32::try_from(self.held.len()).unwrap_or(u32::MAX));
        self.places.insert(id.clone(), place);
        self.held.push((id, phone));
        None
    }
    /// Takes a phone away. The last one takes its place.
    pub fn remove(&mut self, id: &PhoneId) -> Option<Phone> {
        let place = self.places.remove(id)?;
        let last = self.held.pop()?;
        let Some(held) = self.held.get_mut(place.index()) else { return Some(last.1) };
        self.places.insert(last.0.clone(), place);
        Some(std::mem::replace(held, last).1)
    }
    /// All of them in the order of their names.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&PhoneId, &Phone)> + Clone {
        self.places.iter().filter_map(|(id, place)| Some((id, &self.at(*place)?.1)))
    }
    /// As [`Self::iter`], without their names.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Phone> {
        self.iter().map(|(_, phone)| phone)
    }
    /// All of them, to be changed, in no order that matters.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Phone> {
        self.held.iter_mut().map(|(_, phone)| phone)
    }
}

impl PhonePlace {
    #[inline]
    fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl PartialEq for Phones {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Phones {}

impl Serialize for Phones {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Phones {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let mut phones = Self::default();
        for (id, phone) in BTreeMap::deserialize(d)? {
            phones.insert(id, phone);
        }
        Ok(phones)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::{OrderId, SizeId};
    use crate::state::Charging;
    use proptest::prelude::*;

    fn phone(number: u32) -> Phone {
        let order = OrderId::nth(number);
        Phone::new(SizeId::new("s").unwrap(), Charging::Provisioning { order }, None)
    }

    proptest! {
        /// Whatever comes and goes, and wherever it was last seen: the answers of a plain map.
        #[test]
        fn phones_answer_as_a_map_does(
            steps in prop::collection::vec((0..4_u8, 0..12_u32), 1..80),
        ) {
            let (mut phones, mut map) = (Phones::default(), BTreeMap::new());
            let id = |name: u32| PhoneId::new(&format!("p{name}")).unwrap();
            for ((what, name), number) in steps.into_iter().zip(0..) {
                let (id, seen) = (id(name), PhonePlace(number % 13));
                match what {
                    0 | 1 => prop_assert_eq!(
                        phones.insert(id.clone(), phone(number)),
                        map.insert(id.clone(), phone(number))
                    ),
                    2 => prop_assert_eq!(phones.remove(&id), map.remove(&id)),
                    _ => prop_assert_eq!(phones.get_mut(&id), map.get_mut(&id)),
                }
                let at = phones.place(&id).and_then(|place| phones.at(place));
                prop_assert_eq!(at.map(|(of, _)| of), map.get(&id).map(|_| &id));
                prop_assert_eq!(phones.find(&id, seen), map.get(&id).zip(phones.place(&id)));
                prop_assert_eq!(phones.find_mut(&id, seen), map.get_mut(&id));
                prop_assert!(phones.iter().eq(&map), "{:?} is not {:?}", phones, map);
                let mut anew = Phones::default();
                map.clone().into_iter().for_each(|(id, phone)| drop(anew.insert(id, phone)));
                prop_assert_eq!(&anew, &phones, "order of arrival does not matter");
                let text = serde_json::to_string(&phones).unwrap();
                prop_assert_eq!(&text, &serde_json::to_string(&map).unwrap());
                prop_assert_eq!(&serde_json::from_str::<Phones>(&text).unwrap(), &phones);
            }
        }
    }
}
