-- What the nearest places offer is read from the index alone.
create index listing_places_of_location on listing_places (location_id, publication_id);
drop index listing_places_by_location;
